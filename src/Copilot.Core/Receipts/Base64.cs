namespace Copilot.Core.Receipts;

/// <summary>Standard base64 in its one form: padded, no spaces, no stray bits.</summary>
internal static class Base64
{
    public static bool TryRead(string text, out byte[] bytes)
    {
        var buffer = new byte[(text.Length / 4 * 3) + 3];
        var isRead = Convert.TryFromBase64String(text, buffer, out var count);
        bytes = buffer[..count];
        return isRead && Convert.ToBase64String(bytes) == text;
    }
}
