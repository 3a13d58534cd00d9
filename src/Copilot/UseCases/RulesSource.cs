using Copilot.Configuration;
using Copilot.Core.Policy;
using Copilot.Engine.Investigations;
using Copilot.Engine.Yaml;
using Copilot.Storage.Owners;
using Copilot.Storage.Policies;
using Serilog;

namespace Copilot.UseCases;

/// <summary>Loads what investigations go by: runbooks, owners, policy. With a broken file nothing is begun; the fault says where.</summary>
internal sealed class RulesSource(RunbookSource runbooks, OwnersOptions owners, PolicyOptions policy, PolicyBook policies, TimeProvider time, ILogger log)
{
    public InvestigationRules Load(IncidentScope scope)
    {
        var document = policies.Current();
        var environment = scope.Environment ?? (policy.Environment.Length > 0 ? policy.Environment : null);
        if (environment is not null && !document.Vocabulary.Environments.Contains(environment))
            throw new BadInputException($"The policy {document.Name} knows no environment {environment}. It knows {string.Join(", ", document.Vocabulary.Environments)}; leave --environment out when it is unknown, which is stricter.");
        return new(runbooks.Load(), owners.File.Length == 0 ? [] : OwnersLoader.Load(owners.File), document, environment, scope.Severity, policy.Cluster, time.GetUtcNow()) { Shadow = LoadShadow() };
    }

    /// <summary>What is only tried out must stop nothing.</summary>
    private PolicyDocument? LoadShadow()
    {
        try
        {
            return policy.Shadow.Length > 0 ? PolicyLoader.Load(policy.Shadow).Document : null;
        }
        catch (FileFaultException e)
        {
            log.Warning("the policy in Copilot:Policy:Shadow cannot be tried out: {Reason}", e.Message);
            return null;
        }
    }
}
