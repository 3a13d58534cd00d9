using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Engine.Investigations;

namespace Copilot.UseCases;

/// <summary>What a request is judged by at this moment: who acts, the directory, the policy and the world.</summary>
internal sealed class ApprovalContext(ApprovalBook book, PeopleSource people, ApprovalAsker asker, ApprovalWorld world, IncidentBook incidents, RulesSource rules, PolicyBook policies, Recording recording)
{
    private const int LeastSeen = 8;

    public (Principal Who, PersonSignature? Signed) Identify(string id, Identification by, string deed, string reason)
    {
        var request = book.Find(id);
        return ApprovalPeople.Identify(by, people.Load(), person => Ballot.For(request, person, deed, PlainText.Clean(reason)).Bytes());
    }

    public Standing Standing(ApprovalRequest request, DateTimeOffset now)
    {
        var directory = people.Load();
        return new(asker.PolicyNow(request.Ask, now), ApprovalPeople.Groups(directory))
        {
            Asking = [.. new[] { request.Ask.Requester, request.Ask.OnBehalfOf }.Select(a => ApprovalPeople.PersonOf(directory, a)).OfType<string>()],
        };
    }

    /// <summary>The digest that was meant: whole, or its beginning.</summary>
    public static string Presented(ApprovalRequest request, string? seen)
    {
        const string Prefix = "sha256:";
        var digest = request.Ask.PresentedDigest;
        var text = seen is null ? "" : seen.StartsWith(Prefix, StringComparison.Ordinal) ? seen[Prefix.Length..] : seen;
        return text.Length >= LeastSeen && digest.AsSpan(Prefix.Length).StartsWith(text) ? digest : seen ?? "";
    }

    /// <summary>Whether the world is the one that was approved.</summary>
    public Task<WorldCheck> World(ApprovalRequest request, CancellationToken cancellation) =>
        request.Ask.Incident is null ? Task.FromResult(policies.World(request)) : World(request, WorldState.Differences, cancellation);

    /// <summary>Whether the way back led to where it was approved.</summary>
    public Task<WorldCheck> Restored(ApprovalRequest request, CancellationToken cancellation) => World(request, WorldState.Unrestored, cancellation);

    private Task<WorldCheck> World(ApprovalRequest request, Func<WorldState, WorldState, IReadOnlyList<string>> compare, CancellationToken cancellation)
    {
        var (incident, reads, rulebook) = Readings(request);
        return world.Check(request, compare, incident, reads, rulebook, cancellation);
    }

    public Task<IReadOnlyList<ProbeReading>> Probe(ApprovalRequest request, Plan plan, CancellationToken cancellation)
    {
        var (incident, reads, rulebook) = Readings(request);
        return world.Probe(incident, plan, reads, rulebook, cancellation);
    }

    private (Incident Incident, RecordedReads Reads, InvestigationRules Rules) Readings(ApprovalRequest request)
    {
        var incident = request.Ask.Incident ?? throw new InvalidOperationException($"{request.Id} is of no incident, and rests on nothing outside.");
        return (incidents.Details(incident).Incident, recording.Begin(incident), rules.Load(new(incident, request.Ask.Severity, request.Ask.Environment)));
    }
}
