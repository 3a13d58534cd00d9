using System.Text;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;

namespace Copilot.UseCases;

/// <summary>Decides once more what a receipt says was decided, from the policy and the facts that it commits to.</summary>
internal static class PolicyReplay
{
    /// <summary>See <see cref="ReplayPolicy"/>.</summary>
    public static ReplayedDecision Decide(string policy, IReadOnlyDictionary<string, string> facts)
    {
        try
        {
            var decision = PolicyEvaluation.Decide(PolicyLoader.Parse("policy", Encoding.UTF8.GetBytes(policy)).Document, PolicyFacts.FromMap(facts));
            return new(null, decision.Policy.Digest, decision.EffectName, [.. decision.Matched.Select(m => m.Id)]);
        }
        catch (Exception e) when (e is FileFaultException or FormatException)
        {
            return new(e.Message, "", "", []);
        }
    }
}
