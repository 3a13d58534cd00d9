using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Where two versions of a policy decide differently. Two directories are compared file by file.</summary>
internal sealed record ComparePolicies(string Old, string New) : IRequest<IReadOnlyList<ComparedPolicy>>;

/// <param name="File">That of the new version; that of the old one where there is no new one.</param>
/// <param name="Before">Null for a policy that is new.</param>
/// <param name="After">Null for one that is gone.</param>
/// <param name="Activation">What the old version says about the new one taking its place; null where one of them is missing, or nothing changes.</param>
/// <param name="Acknowledged">Who stands by what is looser, and why; null for nobody.</param>
/// <param name="AcknowledgeIn">The file in which somebody would.</param>
/// <param name="Faults">Why they could not be compared; then nothing else is known.</param>
internal sealed record ComparedPolicy(
    string File, PolicyDocument? Before, PolicyDocument? After, PolicyDifferences Differences, PolicyDecision? Activation, (string By, string Because)? Acknowledged, string AcknowledgeIn, IReadOnlyList<string> Faults)
{
    public bool Ok => Faults.Count == 0 && (!Differences.IsLooser || Acknowledged is not null);
}

internal sealed class ComparePoliciesHandler(TimeProvider time) : IRequestHandler<ComparePolicies, IReadOnlyList<ComparedPolicy>>
{
    /// <summary>The name of the version before a policy that is new.</summary>
    public const string None = "none";

    public Task<IReadOnlyList<ComparedPolicy>> Handle(ComparePolicies request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ComparedPolicy>>([.. Pairs(request.Old, request.New).Select(p => Compare(p.Old, p.New, Directory.Exists(request.New)))]);

    private static IEnumerable<(string? Old, string? New)> Pairs(string old, string @new)
    {
        var (before, after) = (Directory.Exists(old), Directory.Exists(@new));
        // A policy that is new has no version before.
        if (old == None && !after) return [(null, @new)];
        if (before != after) throw new BadInputException($"{(before ? old : @new)} is a directory and {(before ? @new : old)} is not. Name two policies, or two directories of them.");
        if (!before) return [(old, @new)];
        var (from, to) = (ByName(old), ByName(@new));
        return from.Keys.Union(to.Keys).Order(StringComparer.Ordinal).Select(n => (from.GetValueOrDefault(n), to.GetValueOrDefault(n)));
    }

    private static Dictionary<string, string> ByName(string directory) => PolicyPaths.Files([directory]).Where(f => !PolicyTestsFile.IsOne(f.File)).ToDictionary(f => Path.GetFileName(f.File), f => f.File);

    private ComparedPolicy Compare(string? old, string? @new, bool listed)
    {
        var file = @new ?? old!;
        try
        {
            foreach (var policy in new[] { old, @new }.OfType<string>()) PolicyPaths.RefuseEmpty(policy, listed);
            var (before, after) = (old is null ? null : PolicyLoader.Load(old).Document, @new is null ? null : PolicyLoader.Load(@new).Document);
            var differences = PolicyDifferences.Between(before ?? Nothing(after!), after ?? Nothing(before!));
            var activation = before is null || after is null || before.Digest == after.Digest ? null : PolicyEvaluation.Decide(before, new()
            {
                Kind = ActionKind.PolicyActivate,
                Target = new(Kind: "Policy", Name: after.Name),
                Requester = ActorKind.Human,
                Loosens = differences.IsLooser,
                Now = time.GetUtcNow(),
            });
            var acknowledged = after is null ? null : AcknowledgedFile.Beside(@new!).LastOrDefault(a => a.From == (before?.Digest ?? None) && a.To == after.Digest);
            return new(file, before, after, differences, activation, acknowledged is null ? null : (acknowledged.By, acknowledged.Because), AcknowledgedFile.PathOf(file), []);
        }
        catch (FileFaultException e)
        {
            return Failed(e.Faults);
        }
        catch (PolicyTooLargeException e)
        {
            return Failed([StrictYaml.Words(file, 1, e.Message, "Split the policy, or ask for fewer facts in it.")]);
        }

        ComparedPolicy Failed(IReadOnlyList<string> faults) => new(file, null, null, PolicyDifferences.None, null, null, "", faults);
    }

    /// <summary>Where there is no policy everything is prohibited, and nothing gets past it.</summary>
    private static PolicyDocument Nothing(PolicyDocument other) => other with { Rules = [new("none", 1, [], new PolicyThen.Prohibit(Absolute: true, null))] };
}
