using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Loads policies and tells what is wrong with each. A directory stands for the .yaml and .yml files in it, but for the tests among them.</summary>
internal sealed record CheckPolicies(IReadOnlyList<string> Paths) : IRequest<IReadOnlyList<CheckedPolicy>>;

/// <param name="Policy">Null when it cannot be used.</param>
/// <param name="Faults">Each with file and line.</param>
internal sealed record CheckedPolicy(string File, PolicyDocument? Policy, IReadOnlyList<string> Warnings, IReadOnlyList<string> Faults);

internal sealed class CheckPoliciesHandler : IRequestHandler<CheckPolicies, IReadOnlyList<CheckedPolicy>>
{
    public Task<IReadOnlyList<CheckedPolicy>> Handle(CheckPolicies request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CheckedPolicy>>([.. PolicyPaths.Files(request.Paths).Where(f => !f.Listed || !PolicyTestsFile.IsOne(f.File)).Select(f => Check(f.File, f.Listed))]);

    private static IEnumerable<string> Findings(LoadedPolicy loaded)
    {
        var policy = loaded.Document;
        try
        {
            return PolicyFindings.Of(policy, k => loaded.LineOf("kinds", k.Name)).OrderBy(f => f.Line).Select(f => StrictYaml.Words(policy.File, f.Line, f.What, f.Remedy));
        }
        catch (PolicyTooLargeException e)
        {
            return [StrictYaml.Words(policy.File, 1, e.Message, "Rules without effect were not looked for. Split the policy, or ask for fewer facts in it.")];
        }
    }

    /// <param name="listed">Found in a directory and not named.</param>
    private static CheckedPolicy Check(string file, bool listed)
    {
        try
        {
            PolicyPaths.RefuseEmpty(file, listed);
            if (PolicyTestsFile.IsOne(file)) throw new FileFaultException($"{file}:1: these are tests and no policy. Run copilot policy test.");
            var loaded = PolicyLoader.Load(file);
            return new(file, loaded.Document, [.. loaded.Warnings, .. Findings(loaded)], []);
        }
        catch (FileFaultException e)
        {
            return new(file, null, [], e.Faults);
        }
    }
}
