using static Copilot.Core.Receipts.Shape;
using static Copilot.Core.Receipts.TextForms;

namespace Copilot.Core.Receipts;

/// <summary>
/// The closed body of each type. Stored receipts never change, so a member is only ever added, and only as one that may be missing.
/// </summary>
internal static class ReceiptBodies
{
    private static readonly (string, Shape)[] Counts = [("files?", Count), ("bytes?", Count), ("records?", Count)];

    private static readonly (string, Shape)[] Call = [("tool", OneOf("snapshot.open", "snapshot.read", "snapshot.records", "snapshot.export")), ("source", Text)];

    private static readonly (string, Shape) Shadow = ("shadow?", Object(("digest", Digest), ("effect", Text)));

    private static readonly (string, Shape)[] Value = [("receipt", Id), ("pointer", Text)];

    private static readonly (string, Shape)[] Record = [("address", Text), ("digest", Digest)];

    private static readonly Dictionary<ReceiptType, ObjectShape> Bodies = new()
    {
        [ReceiptType.LogOpened] = Object(("format", OneOf(ReceiptForm.Format)), ("key", Key)),
        [ReceiptType.IncidentOpened] = Object(("name", Text), ("severity", Text), ("environment", Text)),
        [ReceiptType.ToolIntent] = Object([.. Call, .. Counts, ("facts?", new TextMapShape()), Shadow]),
        [ReceiptType.ToolResult] = Object(
        [
            .. Call, .. Counts,
            ("outcome", OneOf("ok", "empty", "partial", "unavailable", "refused", "failed", "interrupted")),
            ("gaps?", Count),
            ("opened?", List(Object(Record))),
        ]),
        [ReceiptType.ClaimMade] = Object(
            ("status", OneOf("resolved", "ambiguous", "insufficient_evidence", "no_incident")),
            ("factors", List(Object(
                ("name", Text), ("mechanism", Text), ("code", Text), ("confidence", TextForms.Decimal), ("evidence", List(Object([.. Record, ("receipt", Id)])))))),
            ("statements", Count),
            ("removed", Count)),
        [ReceiptType.PlanProposed] = Object(
            ("plan", Digest), ("runbook", Text), ("steps", List(Object(("kind", Text), ("target", Text), ("reversible", Flag))))),
        [ReceiptType.PolicyDecided] = Object(("plan", Digest), ("step", Count), ("facts", new TextMapShape()), ("effect", Text), Shadow),
        [ReceiptType.ReportIssued] = Object(("schema", Text), ("digest", Digest), ("bytes", Count)),
        [ReceiptType.IncidentFeedback] = Object(
            ("verdict", OneOf("right", "wrong")), ("true_causes", List(Object(("name", Text), ("mechanism?", Text)))), ("note_digest?", Digest), ("note_length?", Count)),
        [ReceiptType.IncidentClosed] = Object(("resolution", OneOf("resolved", "no-fault", "duplicate", "abandoned"))),
        [ReceiptType.AlertsReceived] = Object(("source", Text), ("new", Count), ("again", Count), ("resolved", Count), ("digest", Digest)),
        [ReceiptType.InvestigationRequested] = Object(("request", Id), ("cause", OneOf("api", "alerts")), ("within_seconds", Count)),
        [ReceiptType.KeyRotated] = Object(("from", Key), ("to", Key)),
        [ReceiptType.OpeningRemoved] = Object(("receipt", Id), ("pointer", Text), ("reason", Text)),
        [ReceiptType.OpeningsExpired] = Object(("retention", OneOf([.. Enum.GetValues<Retention>().Select(r => r.Name())])), ("before", Utc), ("removed", List(Object(Value))), ("held", List(Object([.. Value, ("hold", Id)])))),
        [ReceiptType.HoldPlaced] = Object(("reason", Text)),
        [ReceiptType.HoldReleased] = Object(("reason", Text)),
        [ReceiptType.InvestigationEnded] = Object(("request", Id), ("outcome", OneOf("done", "refused", "failed", "expired")), ("attempts", Count)),
        [ReceiptType.IdentityEnrolled] = Object(("person", Text), ("key", Key), ("before", Digest), ("after", Digest)),
        [ReceiptType.IdentityLinked] = Object(("person", Text), ("identity", Text), ("key?", Key), ("before", Digest), ("after", Digest)),
    };

    private static readonly CommittedField[] None = [];

    private static readonly Dictionary<ReceiptType, CommittedField[]> Fields = new()
    {
        [ReceiptType.ToolIntent] = [new("/body/arguments", Retention.Argument), new("/body/policy", Retention.Decision)],
        [ReceiptType.ToolResult] = [new("/body/result", Retention.Result)],
        [ReceiptType.PolicyDecided] = [new("/body/policy", Retention.Decision)],
        [ReceiptType.IncidentFeedback] = [new("/body/note", Retention.Decision)],
        [ReceiptType.AlertsReceived] = [new("/body/alerts", Retention.Argument)],
    };

    public static ObjectShape Of(ReceiptType type) => Bodies[type];

    /// <summary>What a receipt of the type may commit to.</summary>
    public static IReadOnlyList<CommittedField> FieldsOf(ReceiptType type) => Fields.GetValueOrDefault(type, None);
}
