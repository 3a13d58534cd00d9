using System.Security.Cryptography;
using System.Text;
using Copilot.Bench.Baselines;
using Copilot.Engine.Investigations;

namespace Copilot.UseCases;

/// <summary>The engines that can be measured, by name.</summary>
internal static class BenchEngines
{
    public const string Deterministic = "deterministic";
    public const string AllBaselines = "all-baselines";

    public static IReadOnlyList<string> Names { get; } = [Deterministic, .. BaselineEngine.All.Select(b => b.Name), AllBaselines];

    /// <summary>Each once, in the order named.</summary>
    public static IReadOnlyList<IEngine> Choose(IReadOnlyList<string> names, InvestigationRules rules)
    {
        var engines = new List<IEngine>();
        foreach (var name in names.SelectMany(n => n == AllBaselines ? BaselineEngine.All.Select(b => b.Name) : [n]).Distinct())
        {
            engines.Add(name == Deterministic ? new DeterministicEngine(rules) : BaselineEngine.All.FirstOrDefault(b => b.Name == name)
                ?? throw new BadInputException($"{name} is no engine. Did you mean {Configuration.Words.Nearest(name, Names)}? Known are {string.Join(", ", Names)}."));
        }
        return engines;
    }

    /// <summary>Which build of the engines this is: builds are deterministic, so equal sources give equal ids.</summary>
    public static string Build { get; } = "sha256:" + Hash(string.Concat(new[] { typeof(Core.Diagnoses.Diagnosis), typeof(IEngine), typeof(BaselineEngine) }.Select(t => t.Module.ModuleVersionId)));

    /// <summary>Of everything that an investigation goes by beside the evidence and the code.</summary>
    public static string DigestOf(InvestigationRules rules) => "sha256:" + Hash(string.Join('\n', rules.Runbooks.All.Select(r => $"{r}{string.Join(',', r.Mechanisms)}{string.Join(',', r.Actions.Select(a => a.Name))}{r.Body}").Append(rules.Policy.Digest)
        .Append(rules.Parameters.ToString()).Append(rules.Environment ?? "").Append(rules.Cluster).Concat(rules.Owners.Select(o => o.ToString()))));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
