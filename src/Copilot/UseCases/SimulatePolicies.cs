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

/// <param name="Decisions">How many decisions there are that can be made again.</param>
/// <param name="Unusable">How many there are that cannot: a secret was taken out of their facts, or this version does not know what they speak of.</param>
internal sealed record SimulatedPolicies(int Decisions, int Unusable, IReadOnlyList<SimulatedPolicy> Policies);

/// <param name="Policy">A file, or the digest of a policy that was tried out.</param>
/// <param name="Decided">On how many decisions it has a say.</param>
/// <param name="Changes">Those that it decides otherwise, in their order.</param>
/// <param name="Faults">Why it cannot be used; then nothing else is known.</param>
/// <param name="EffectsOnly">Nothing but effects was recorded of what it says.</param>
internal sealed record SimulatedPolicy(string Policy, int Decided, IReadOnlyList<SimulatedChange> Changes, IReadOnlyList<string> Faults, bool EffectsOnly = false);

/// <param name="EffectOnly">The policy of the time is gone: only effects are compared, and not who is asked.</param>
internal sealed record SimulatedChange(RecordedDecision Recorded, PolicyChange Change, bool EffectOnly);

/// <summary>A decision as its receipt tells of it.</summary>
/// <param name="Facts">Null when they cannot be used.</param>
/// <param name="Policy">The policy of the time; null when it was not kept or handed out, or what was is another one.</param>
/// <param name="Shadow">What a policy that was tried out said; null for none.</param>
internal sealed record RecordedDecision(long Seq, string Stream, string Subject, ReceiptSays.Decided Says, PolicyFacts? Facts, PolicyEffect Effect, string? Policy, (string Digest, PolicyEffect Effect)? Shadow);

internal sealed class SimulatePoliciesHandler(CopilotStore store) : IRequestHandler<SimulatePolicies, SimulatedPolicies>
{
    private const string PolicyValue = "/body/policy";

    private readonly Dictionary<string, PolicyDocument?> _parsed = new(StringComparer.Ordinal);

    public Task<SimulatedPolicies> Handle(SimulatePolicies request, CancellationToken cancellationToken)
    {
        var recorded = (request.Bundle is { } bundle ? InBundle(bundle) : InStore()).ToList();
        var decisions = recorded.FindAll(d => d.Facts is not null);
        return Task.FromResult(new SimulatedPolicies(decisions.Count, recorded.Count - decisions.Count, request.Paths.Count == 0 ? [.. Shadows(decisions)] :
            [.. PolicyPaths.Files(request.Paths).Where(f => !f.Listed || !PolicyTestsFile.IsOne(f.File)).Select(f => Replay(f.File, f.Listed, decisions))]));
    }

    private SimulatedPolicy Replay(string file, bool listed, List<RecordedDecision> decisions)
    {
        try
        {
            PolicyPaths.RefuseEmpty(file, listed);
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
        var facts = recorded.Facts!;
        // What was closed then is what was recorded; the candidate may know other calendars, or other times of them.
        var after = PolicyEvaluation.Outcome(candidate, facts with { Calendars = new Dictionary<string, bool>() });
        var then = recorded.Policy is { } text ? Parsed(text) : null;
        var change = then is null ? new PolicyChange(Bare(recorded.Effect), Bare(after.Effect)) : new(PolicyEvaluation.Outcome(then, facts), after);
        return change.Direction == ChangeDirection.Same ? null : new(recorded, change, then is null);
    }

    private static IEnumerable<SimulatedPolicy> Shadows(List<RecordedDecision> decisions) => decisions.Where(d => d.Shadow is not null).GroupBy(d => d.Shadow!.Value.Digest).Select(g => new SimulatedPolicy(
        g.Key, g.Count(), [.. g.Select(d => new SimulatedChange(d, new(Bare(d.Effect), Bare(d.Shadow!.Value.Effect)), true)).Where(c => c.Change.Direction != ChangeDirection.Same)], [], EffectsOnly: true));

    private static PolicyEffect? EffectOf(string? name) => Enum.GetValues<PolicyEffect>().Select(e => (PolicyEffect?)e).FirstOrDefault(e => PolicyOutcome.NameOf(e!.Value) == name);

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
        var body = json.RootElement.GetProperty("body");
        (string, PolicyEffect)? shadow = body.TryGetProperty("shadow", out var tried) && EffectOf(tried.GetProperty("effect").GetString()) is { } would ? (tried.GetProperty("digest").GetString()!, would) : null;
        var effect = EffectOf(says.Effect);
        return new(
            receipt.Seq, receipt.Stream, json.RootElement.GetProperty("subject").GetString()!, says,
            effect is null || receipt.Masked.Any(m => m.StartsWith("/body/facts", StringComparison.Ordinal)) ? null : FactsOf(says), effect ?? PolicyEffect.Prohibit, value is { } text ? PolicyOf(text, says) : null, shadow);
    }

    private static PolicyFacts? FactsOf(ReceiptSays.Decided says)
    {
        try
        {
            return PolicyFacts.FromMap(says.Facts);
        }
        catch (FormatException)
        {
            // Of another version, which knew other kinds.
            return null;
        }
    }

    /// <summary>A bundle can be handed out with anything in it: only the policy that the receipt names is taken for the one of the time.</summary>
    private static string? PolicyOf(ReadOnlyMemory<byte> value, ReceiptSays.Decided says)
    {
        using var json = JsonDocument.Parse(value);
        return json.RootElement.ValueKind == JsonValueKind.String && json.RootElement.GetString()! is var text && PolicyLoader.DigestOf(System.Text.Encoding.UTF8.GetBytes(text)) == says.Policy ? text : null;
    }
}
