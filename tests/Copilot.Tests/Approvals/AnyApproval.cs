using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using CsCheck;

namespace Copilot.Tests.Approvals;

/// <summary>Generators of happenings and requests whose parts hold anything, whether or not they could follow each other.</summary>
internal static class AnyApproval
{
    private const string IdText = "01K0ANYTH1NG00000000000000";

    private static readonly Gen<string> Text = Gen.Select(OneOf("", "a", "ü€😀", "\"\\\n\u0001", "<>&'", "\u2028", "null"), Gen.String[Gen.Char.AlphaNumeric, 0, 5], (a, b) => a + b);
    private static readonly Gen<DateTimeOffset> Time = Gen.Long[0, 4_000_000_000_000_000].Select(t => Asked.Start.AddTicks(t));
    private static readonly Gen<IReadOnlyList<string>> Texts = Text.Array[0, 3].Select(t => (IReadOnlyList<string>)t);
    private static readonly Gen<ApprovalState> State = OneOf(Enum.GetValues<ApprovalState>());
    private static readonly Gen<ReceiptActor> Actor = Gen.Select(OneOf(Enum.GetValues<ActorKind>()), Text, Text, (k, i, a) => new ReceiptActor(k, i, a));
    private static readonly Gen<(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At)> Begin =
        Gen.Select(Text, Gen.Int[1, 9], Maybe(State.Select(s => (ApprovalState?)s)), State, Time, (r, v, f, t, a) => (r, v, f, t, a));

    private static readonly Gen<JsonObject> Map = Gen.Select(Text, Gen.Long[0, 1L << 50], Gen.Bool, (t, n, b) => new JsonObject { ["ä"] = t, ["b"] = new JsonArray(n, b, null), ["a"] = new JsonObject { ["x"] = t } });

    private static readonly Gen<Grant> Grants = Gen.Select(Text, Text, Time, Time, Text, (id, plan, from, to, text) => new Grant(id, IdText, plan, text, "votes", from, to, text, "none", text));

    private static readonly Gen<Vote> Votes = Gen.Select(Text, Gen.Bool, Texts, Maybe(Text!), Time, (text, approves, roles, signed, at) => new Vote(text, "os:" + text, "os-user", approves, text, roles, text, signed, signed, at));

    private static readonly Gen<ProbeReading> Reading = Gen.Select(Text, OneOf(ProbeReading.Holds, ProbeReading.Fails, ProbeReading.NotObserved), (text, outcome) => new ProbeReading(text, text, outcome, text));

    private static readonly Gen<ApprovalRequirement> Requirement = Gen.Select(Text, Gen.Int[0, 9], (text, count) => new ApprovalRequirement(text, "group/" + text, count));

    public static Gen<ApprovalAsk> Ask { get; } = Gen.Select(
        Gen.Select(Actor, Maybe(Actor!), Texts, Map, Map), Gen.Select(Text, Texts, Requirement.Array[0, 3], Gen.Long[0, 1 << 20], Gen.Bool), Maybe(Text!),
        (who, what, maybe) => new ApprovalAsk(
            what.Item1, who.Item1, who.Item2, who.Item3, who.Item4, what.Item1, who.Item5, what.Item1, [new(what.Item1, what.Item5, maybe, what.Item5)], what.Item1, what.Item1, what.Item1, what.Item2,
            [new Dictionary<string, string> { ["b"] = what.Item1, ["a"] = "1" }], what.Item1, "allow", what.Item5, what.Item3, what.Item4, what.Item4, what.Item5, what.Item5, maybe, maybe, maybe));

    private static readonly Gen<StepReport> Report = Gen.Select(Gen.Int[0, 9], OneOf([.. StepReport.Outcomes, .. StepReport.Findings]), Time, Text, Maybe(Text!), (step, outcome, at, text, maybe) => new StepReport(step, outcome, at, text, maybe, maybe, text));

    private static readonly Gen<Execution> Run = Gen.Select(Text, Gen.Int[1, 99], Time, Maybe(Time.Select(t => (DateTimeOffset?)t)), Maybe(Gen.Bool.Select(w => (bool?)w)), (text, fence, at, done, worked) =>
        new Execution(text, text, fence, at, at, [new(0, StepReport.Applied, text, at)], done, worked, worked is null ? null : text));

    public static Gen<ApprovalEvent> Event { get; } = Gen.OneOf<ApprovalEvent>(
        Gen.Select(Begin, Text, Ask, (b, because, ask) => (ApprovalEvent)new ApprovalEvent.Requested(b.Request, b.To, b.At, because, ask)),
        Gen.Select(Begin, Text, Votes, (b, because, vote) => (ApprovalEvent)new ApprovalEvent.Voted(b.Request, b.Version, b.From, b.To, b.At, because, vote)),
        Gen.Select(Begin, Text, Text, (b, because, who) => (ApprovalEvent)new ApprovalEvent.Withdrawn(b.Request, b.Version, b.From, b.To, b.At, because, who, because)),
        Gen.Select(Begin, Grants, (b, grant) => (ApprovalEvent)new ApprovalEvent.Granted(b.Request, b.Version, b.From, b.To, b.At, grant)),
        Gen.Select(Begin, Text, Time, Grants, (b, text, by, grant) => (ApprovalEvent)new ApprovalEvent.GlassBroken(b.Request, b.Version, b.From, b.To, b.At, text, text, text, text, text, by, grant)),
        Gen.Select(Begin, Text, Maybe(Text!), Texts, (b, text, by, texts) => (ApprovalEvent)new ApprovalEvent.Ended(b.Request, b.Version, b.From, b.To, b.At, text, by, text, texts)),
        Gen.Select(Begin, Text, Maybe(Text!), Time, (b, text, grant, until) => (ApprovalEvent)new ApprovalEvent.Taken(b.Request, b.Version, b.From, b.To, b.At, text, text, grant, until)),
        Gen.Select(Begin, Text, Gen.Bool, Maybe(Gen.Bool.Select(w => (bool?)w)), (b, text, done, worked) => (ApprovalEvent)new ApprovalEvent.Reported(b.Request, b.Version, b.From, b.To, b.At, text, text, done, worked, text)),
        Gen.Select(Begin, Text, Reading.Array[0, 3], Maybe(Time.Select(t => (DateTimeOffset?)t)), (b, text, readings, since) => (ApprovalEvent)new ApprovalEvent.Observed(b.Request, b.Version, b.From, b.To, b.At, text, readings, since)),
        Gen.Select(Begin, Maybe(Text!), Gen.Bool, (b, who, right) => (ApprovalEvent)new ApprovalEvent.Reviewed(b.Request, b.Version, b.From, b.To, b.At, who, who is null ? null : right, who ?? "")),
        Gen.Select(Begin, Text, Maybe(Text!), Time, (b, text, grant, until) => (ApprovalEvent)new ApprovalEvent.Claimed(b.Request, b.Version, b.From, b.To, b.At, text, text, grant, b.Version, until)),
        Gen.Select(Begin, Text, Report, Maybe(Time.Select(t => (DateTimeOffset?)t)), (b, text, report, until) => (ApprovalEvent)new ApprovalEvent.Stepped(b.Request, b.Version, b.From, b.To, b.At, text, text, b.Version, report, until, text)),
        Gen.Select(Begin, Text, (b, text) => (ApprovalEvent)new ApprovalEvent.Interrupted(b.Request, b.Version, b.From, b.To, b.At, text)),
        Gen.Select(Begin, Text, Report.Array[0, 3], Texts, (b, text, reports, says) => (ApprovalEvent)new ApprovalEvent.Reconciled(b.Request, b.Version, b.From, b.To, b.At, text, text, b.Version, reports, says)));

    public static Gen<ApprovalRequest> Request { get; } = Gen.Select(
        Gen.Select(Begin, Text, Ask, Votes.Array[0, 3]), Maybe(Grants!), Gen.Select(Maybe(Text!), Time, Gen.Bool, Maybe(Time.Select(t => (DateTimeOffset?)t))), Gen.Select(Maybe(Reading.Array[0, 3]!), Maybe(Run!)),
        (what, grant, more, last) => new ApprovalRequest(
            what.Item1.Request, what.Item1.Version, what.Item1.To, what.Item2, what.Item1.At, more.Item2, more.Item2, what.Item3, what.Item4, grant is null ? [] : [what.Item2], grant,
            more.Item3 ? new("p", "i", what.Item2, more.Item2, more.Item2, more.Item1, more.Item1 is null ? null : true, more.Item1, more.Item3) : null,
            more.Item3 ? new("p", "i", more.Item2, more.Item2, more.Item4, grant is null ? null : more.Item3, more.Item1) : null, grant is null ? null : new("p", "i", more.Item2, more.Item2, more.Item4, more.Item3, more.Item1),
            last.Item1 is null ? null : new(more.Item2, last.Item1, more.Item4), last.Item2, grant is null ? null : last.Item2));

    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T> Maybe<T>(Gen<T> gen) => Gen.Select(Gen.Bool, gen, (there, value) => there ? value : default!);
}
