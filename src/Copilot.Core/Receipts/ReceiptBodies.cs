using static Copilot.Core.Receipts.Shape;
using static Copilot.Core.Receipts.TextForms;

namespace Copilot.Core.Receipts;

/// <summary>
/// The closed body of each type. Stored receipts never change, so a member is only ever added, and only as one that may be missing.
/// </summary>
internal static class ReceiptBodies
{
    private static readonly (string, Shape)[] Counts = [("files?", Count), ("bytes?", Count), ("records?", Count)];

    private static readonly (string, Shape)[] Call = [("tool", OneOf("snapshot.open", "snapshot.read", "snapshot.records", "snapshot.export", "kubernetes.world", "kubernetes.probes", "kubernetes.dry_run")), ("source", Text)];

    private static readonly (string, Shape) Shadow = ("shadow?", Object(("digest", Digest), ("effect", Text)));

    private static readonly (string, Shape)[] Value = [("receipt", Id), ("pointer", Text)];

    private static readonly (string, Shape)[] Record = [("address", Text), ("digest", Digest)];

    private static readonly Shape ApprovalState = OneOf(
        "prohibited", "pending", "approved", "ready", "denied", "expired", "cancelled", "superseded", "revoked", "drifted", "handed_off", "executing", "partial", "halted", "reconciling", "verifying", "succeeded", "rollback_pending", "rolling_back",
        "rolled_back", "needs_human");

    /// <summary>What every happening of a request for approval states.</summary>
    private static readonly (string, Shape)[] Happening = [("request", Id), ("version", Count), ("from?", ApprovalState), ("to", ApprovalState), ("at", Utc)];

    /// <summary>The digest of a file, or <c>none</c>.</summary>
    private static readonly Shape FileDigest = new TextShape("^(none|sha256:[0-9a-f]{64})$", t => t.SequenceEqual("none"u8) || (t.StartsWith("sha256:"u8) && Hex.IsHash(t[7..])));

    private static readonly ObjectShape Ask = Object(
        ("incident?", Id), ("requester", ReceiptForm.Actor), ("on_behalf_of?", ReceiptForm.Actor), ("excluded", List(Text)), ("plan_digest", Digest), ("world_digest", Digest), ("presented_digest", Digest),
        ("policy", FileDigest), ("rules", List(Text)), ("facts", List(new TextMapShape())), ("directory", FileDigest), ("effect", OneOf("allow", "require_approval", "prohibit")), ("absolute", Flag),
        ("requirements", List(Object(("role", Text), ("group", Text), ("count", Count)))), ("decide_within_s", Count), ("execute_within_s", Count), ("break_glass_only", Flag), ("low_assurance", Flag),
        ("severity?", Text), ("environment?", Text), ("executor?", Text));

    private static readonly ObjectShape Vote = Object(
        ("person", Text), ("identity", Text), ("assurance", Text), ("approves", Flag), ("roles", List(Text)), ("presented", FileDigest), ("signature?", Text), ("key?", Text), ("at", Utc));

    private static readonly ObjectShape Grant = Object(
        ("id", Id), ("request", Id), ("plan", Digest), ("world", Digest), ("by", OneOf("votes", "policy", "break-glass")), ("not_before", Utc), ("not_after", Utc), ("policy", FileDigest), ("checkpoint", Text), ("signature", Text), ("presented?", Digest));

    private static readonly ObjectShape StepReport = Object(
        ("step", Count), ("outcome", OneOf("applied", "already", "refused", "drifted", "unknown", "took_effect", "did_not")), ("at", Utc), ("prev", FileDigest), ("uid?", Text), ("resource_version?", Text), ("signature", Text));

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
        [ReceiptType.ApprovalRequested] = Object([.. Happening, ("because", Text), ("ask", Ask)]),
        [ReceiptType.ApprovalVoted] = Object([.. Happening, ("because", Text), ("vote", Vote)]),
        [ReceiptType.ApprovalWithdrawn] = Object([.. Happening, ("because", Text), ("person", Text)]),
        [ReceiptType.ApprovalGranted] = Object([.. Happening, ("grant", Grant)]),
        [ReceiptType.ApprovalGlassBroken] = Object([.. Happening, ("person", Text), ("identity", Text), ("signature", Text), ("key", Text), ("review_by", Utc), ("grant", Grant)]),
        [ReceiptType.ApprovalEnded] = Object([.. Happening, ("because", Text), ("by?", Text)]),
        [ReceiptType.ApprovalTaken] = Object([.. Happening, ("person", Text), ("identity", Text), ("grant?", Id), ("until", Utc)]),
        [ReceiptType.ApprovalReported] = Object([.. Happening, ("because", Text), ("person", Text), ("carried_out", Flag), ("worked?", Flag)]),
        [ReceiptType.ApprovalObserved] = Object([.. Happening, ("because", Text), ("held_since?", Utc)]),
        [ReceiptType.ApprovalReviewed] = Object([.. Happening, ("person?", Text), ("justified?", Flag)]),
        [ReceiptType.ApprovalClaimed] = Object([.. Happening, ("executor", Text), ("attempt", Text), ("grant?", Id), ("fence", Count), ("until", Utc)]),
        [ReceiptType.ApprovalStepped] = Object([.. Happening, ("because", Text), ("executor", Text), ("fence", Count), ("report", StepReport), ("until?", Utc)]),
        [ReceiptType.ApprovalInterrupted] = Object([.. Happening, ("because", Text)]),
        [ReceiptType.ApprovalReconciled] = Object([.. Happening, ("because", Text), ("executor", Text), ("fence", Count), ("reports", List(StepReport))]),
        [ReceiptType.ApprovalRefused] = Object(("request", Id), ("wanted", Text), ("code", Text), ("why", Text)),
        [ReceiptType.InvestigationEnded] = Object(("request", Id), ("outcome", OneOf("done", "refused", "failed", "expired")), ("attempts", Count)),
        [ReceiptType.IdentityEnrolled] = Object(("person", Text), ("key", Key), ("before", Digest), ("after", Digest)),
        [ReceiptType.ExecutorAdmitted] = Object(("executor", Text), ("key", Key)),
        [ReceiptType.ExecutorDismissed] = Object(("executor", Text)),
        [ReceiptType.ExecutorsStopped] = Object(("reason", Text)),
        [ReceiptType.ExecutorsResumed] = Object(("reason", Text)),
        [ReceiptType.PolicyActivated] = Object(("request", Id), ("grant", Id), ("name", Text), ("version", Count), ("digest", Digest), ("replaces", Digest)),
        [ReceiptType.IdentityLinked] = Object(("person", Text), ("identity", Text), ("key?", Key), ("before", Digest), ("after", Digest)),
    };

    private static readonly CommittedField[] None = [];

    private static readonly Dictionary<ReceiptType, CommittedField[]> Fields = new()
    {
        [ReceiptType.ToolIntent] = [new("/body/arguments", Retention.Argument), new("/body/policy", Retention.Decision)],
        [ReceiptType.ToolResult] = [new("/body/result", Retention.Result)],
        [ReceiptType.PolicyDecided] = [new("/body/policy", Retention.Decision)],
        [ReceiptType.PolicyActivated] = [new("/body/policy", Retention.Decision)],
        [ReceiptType.IncidentFeedback] = [new("/body/note", Retention.Decision)],
        [ReceiptType.AlertsReceived] = [new("/body/alerts", Retention.Argument)],
        [ReceiptType.ApprovalRequested] = [new("/body/ask/plan", Retention.Decision), new("/body/ask/world", Retention.Decision), new("/body/ask/commands", Retention.Decision), new("/body/ask/presented", Retention.Decision)],
        [ReceiptType.ApprovalVoted] = [new("/body/vote/reason", Retention.Decision)],
        [ReceiptType.ApprovalWithdrawn] = [new("/body/reason", Retention.Decision)],
        [ReceiptType.ApprovalGlassBroken] = [new("/body/reason", Retention.Decision)],
        [ReceiptType.ApprovalEnded] = [new("/body/reason", Retention.Decision), new("/body/differences", Retention.Decision)],
        [ReceiptType.ApprovalReported] = [new("/body/words", Retention.Decision)],
        [ReceiptType.ApprovalObserved] = [new("/body/readings", Retention.Decision)],
        [ReceiptType.ApprovalReviewed] = [new("/body/reason", Retention.Decision)],
        [ReceiptType.ApprovalStepped] = [new("/body/says", Retention.Decision)],
        [ReceiptType.ApprovalReconciled] = [new("/body/says", Retention.Decision)],
    };

    public static ObjectShape Of(ReceiptType type) => Bodies[type];

    /// <summary>What a receipt of the type may commit to.</summary>
    public static IReadOnlyList<CommittedField> FieldsOf(ReceiptType type) => Fields.GetValueOrDefault(type, None);
}
