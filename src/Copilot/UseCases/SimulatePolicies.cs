using System.Text.Json;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Storage.Policies;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>What policies would have decided instead of what receipts say was decided.</summary>
/// <param name="Paths">Policies, and directories of them; empty for what the policy that is tried out said at the time.</param>
/// <param name="Bundle">Receipts handed out; null for those in the data folder.</param>
internal sealed record SimulatePolicies(IReadOnlyList<string> Paths, string? Bundle) : IRequest<SimulatedPolicies>;

/// <param name="Decisions">How many decisions there are.</param>
internal sealed record SimulatedPolicies(int Decisions, IReadOnlyList<SimulatedPolicy> Policies);

/// <param name="Policy">A file, or the digest of a policy that was tried out.</param>
/// <param name="Decided">On how many decisions it has a say.</param>
/// <param name="Changes">Those that it decides otherwise, in their order.</param>
/// <param name="Faults">Why it cannot be used; then nothing else is known.</param>
internal sealed record SimulatedPolicy(string Policy, int Decided, IReadOnlyList<SimulatedChange> Changes, IReadOnlyList<string> Faults);

/// <param name="EffectOnly">The policy of the time is gone: only effects are compared, and not who is asked.</param>
internal sealed record SimulatedChange(RecordedDecision Recorded, PolicyChange Change, bool EffectOnly);

/// <summary>A decision as its receipt tells of it.</summary>
/// <param name="Policy">The policy of the time; null when it was not kept or handed out.</param>
/// <param name="Shadow">What a policy that was tried out said; null for none.</param>
internal sealed record RecordedDecision(long Seq, string Stream, string Subject, ReceiptSays.Decided Says, string? Policy, (string Digest, string Effect)? Shadow);

internal sealed class SimulatePoliciesHandler(CopilotStore store) : IRequestHandler<SimulatePolicies, SimulatedPolicies>
{
    private const string PolicyValue = "/body/policy";

    private readonly Dictionary<string, PolicyDocument?> _parsed = new(StringComparer.Ordinal);

    public Task<SimulatedPolicies> Handle(SimulatePolicies request, CancellationToken cancellationToken)
    {
        var decisions = (request.Bundle is { } bundle ? InBundle(bundle) : InStore()).ToList();
        return Task.FromResult(new SimulatedPolicies(decisions.Count, request.Paths.Count == 0 ? [.. Shadows(decisions)] :
            [.. PolicyPaths.Files(request.Paths).Where(f => !PolicyTestsFile.IsOne(f.File)).Select(f => Replay(f.File, decisions))]));
    }

    private SimulatedPolicy Replay(string file, List<RecordedDecision> decisions)
    {
        try
        {
            var candidate = PolicyLoader.Load(file).Document;
            return new(file, decisions.Count, [.. decisions.Select(d => Change(d, candidate)).OfType<SimulatedChange>()], []);
        }
        catch (FileFaultException e)
        {
            return new(file, 0, [], e.Faults);
        }
    }

    private SimulatedChange? Change(RecordedDecision recorded, PolicyDocument candidate)
    {
        var facts = PolicyFacts.FromMap(recorded.Says.Facts);
        // What was closed then is what was recorded; the candidate may know other calendars, or other times of them.
        var after = PolicyEvaluation.Outcome(candidate, facts with { Calendars = new Dictionary<string, bool>() });
        var then = recorded.Policy is { } text ? Parsed(text) : null;
        var change = then is null ? new PolicyChange(EffectOf(recorded.Says.Effect), Bare(after.Effect)) : new(PolicyEvaluation.Outcome(then, facts), after);
        return change.Direction == ChangeDirection.Same ? null : new(recorded, change, then is null);
    }

    private static IEnumerable<SimulatedPolicy> Shadows(List<RecordedDecision> decisions) => decisions.Where(d => d.Shadow is not null).GroupBy(d => d.Shadow!.Value.Digest).Select(g => new SimulatedPolicy(
        g.Key, g.Count(), [.. g.Select(d => new SimulatedChange(d, new(EffectOf(d.Says.Effect), EffectOf(d.Shadow!.Value.Effect)), true)).Where(c => c.Change.Direction != ChangeDirection.Same)], []));

    private static PolicyOutcome EffectOf(string name) => Bare(Enum.GetValues<PolicyEffect>().First(e => PolicyOutcome.NameOf(e) == name));

    private static PolicyOutcome Bare(PolicyEffect effect) => new(effect, false, [], null, null, false);

    private PolicyDocument? Parsed(string text)
    {
        if (_parsed.TryGetValue(text, out var known)) return known;
        try
        {
            return _parsed[text] = PolicyLoader.Parse("policy", System.Text.Encoding.UTF8.GetBytes(text)).Document;
        }
        catch (FileFaultException)
        {
            // A version of the language that is not read any more.
            return _parsed[text] = null;
        }
    }

    private List<RecordedDecision> InStore() => !store.Exists ? [] : store.Read(db =>
    {
        var decisions = new List<RecordedDecision>();
        var types = new[] { ReceiptTypes.Name(ReceiptType.PolicyDecided), ReceiptTypes.Name(ReceiptType.ToolIntent) };
        foreach (var row in db.Receipts.AsNoTracking().Where(r => types.Contains(r.Type)).OrderBy(r => r.Seq))
        {
            var value = db.Openings.AsNoTracking().FirstOrDefault(o => o.Seq == row.Seq && o.Pointer == PolicyValue && o.Salt != null);
            if (Read(row.Bytes, value is null ? null : Openings.Read(db, value, row.Id).Value) is { } decision) decisions.Add(decision);
        }
        return decisions;
    });

    private static IEnumerable<RecordedDecision> InBundle(string file)
    {
        var files = ReceiptBundle.Read(file);
        var values = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var line in files.TryGetValue(BundleManifest.OpeningsFile, out var openings) ? ReceiptBundle.LinesOf(openings) : [])
            if (Opening.TryRead(line, out var opening, out _) && opening!.Pointer == PolicyValue) values[opening.Receipt] = opening.Value;
        foreach (var line in ReceiptBundle.LinesOf(files[BundleManifest.ReceiptsFile]))
            if (Read(line, null, values) is { } decision) yield return decision;
    }

    private static RecordedDecision? Read(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte>? value, Dictionary<string, ReadOnlyMemory<byte>>? values = null)
    {
        if (!StoredReceipt.TryRead(bytes, out var receipt, out var fault)) throw new FileFaultException($"A receipt cannot be read: {fault}. \"copilot receipts verify\" says which.");
        if (receipt!.Says is not ReceiptSays.Decided says) return null;
        if (values?.TryGetValue(receipt.Id, out var own) == true) value = own;
        using var json = JsonDocument.Parse(bytes);
        (string, string)? shadow = json.RootElement.GetProperty("body").TryGetProperty("shadow", out var tried) ? (tried.GetProperty("digest").GetString()!, tried.GetProperty("effect").GetString()!) : null;
        return new(receipt.Seq, receipt.Stream, json.RootElement.GetProperty("subject").GetString()!, says, value is { } text ? JsonSerializer.Deserialize<string>(text.Span) : null, shadow);
    }
}
