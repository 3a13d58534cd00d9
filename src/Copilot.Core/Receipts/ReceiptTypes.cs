namespace Copilot.Core.Receipts;

/// <summary>The names of types and kinds in receipts. They are stored, so they never change.</summary>
public static class ReceiptTypes
{
    private static readonly string[] Names =
    [
        "log.opened", "incident.opened", "tool.intent", "tool.result", "claim.made", "plan.proposed", "policy.decided", "report.issued", "incident.feedback",
        "incident.closed", "alerts.received", "investigation.requested", "investigation.ended", "key.rotated", "opening.removed", "openings.expired", "hold.placed", "hold.released",
        "approval.requested", "approval.voted", "approval.withdrawn", "approval.granted", "approval.glass_broken", "approval.ended", "approval.taken", "approval.reported", "approval.observed",
        "approval.reviewed", "approval.refused",
        "identity.enrolled", "identity.linked",
        "approval.claimed", "approval.stepped", "approval.interrupted", "approval.reconciled",
        "executor.admitted", "executor.dismissed", "executors.stopped", "executors.resumed", "policy.activated",
    ];

    public static string Name(ReceiptType type) => Names[(int)type];

    public static string Name(ActorKind kind) => kind switch
    {
        ActorKind.Human => "human",
        ActorKind.Agent => "agent",
        _ => "service",
    };

    /// <summary>The type of that name, null when there is none.</summary>
    public static ReceiptType? Find(string name) => Array.IndexOf(Names, name) is var at and >= 0 ? (ReceiptType)at : null;

    /// <summary>The same of UTF-8.</summary>
    internal static ReceiptType? Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Utf8.Length; i++)
        {
            if (name.SequenceEqual(Utf8[i])) return (ReceiptType)i;
        }
        return null;
    }

    private static readonly byte[][] Utf8 = [.. Names.Select(System.Text.Encoding.UTF8.GetBytes)];
}
