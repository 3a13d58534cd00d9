namespace Copilot.Core.Receipts;

/// <summary>What of a receipt's body other receipts and values are held against.</summary>
public abstract record ReceiptSays
{
    private ReceiptSays()
    {
    }

    /// <param name="Key">The log's first key, as text.</param>
    public sealed record Opened(string Key) : ReceiptSays;

    /// <summary>The log passed from one key to another.</summary>
    public sealed record Rotated(string From, string To) : ReceiptSays;

    /// <summary>A committed value was removed.</summary>
    public sealed record Removed((string Receipt, string Pointer) Value, string By, string Reason) : ReceiptSays;

    /// <summary>Committed values were removed when their time was over.</summary>
    public sealed record Expired(IReadOnlyList<(string Receipt, string Pointer)> Values) : ReceiptSays;

    /// <summary>What policy decided, on which facts.</summary>
    public sealed record Decided(string Policy, string Effect, IReadOnlyList<string> Rules, IReadOnlyDictionary<string, string> Facts) : ReceiptSays;

    /// <summary>What happened to a request for approval, or which executor may say something of one.</summary>
    public sealed record Happened(System.Text.Json.JsonElement Body) : ReceiptSays;
}
