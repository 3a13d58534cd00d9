namespace Copilot.Core.Receipts;

/// <summary>Hashes as text: lower-case hex, one form only.</summary>
internal static class Hex
{
    /// <summary>Whether the text is a SHA-256 hash: 64 lower-case hex digits.</summary>
    public static bool IsHash(ReadOnlySpan<char> text) =>
        text.Length == 2 * MerkleTree.HashBytes && text.IndexOfAnyExcept(Digits) < 0;

    public static bool IsHash(ReadOnlySpan<byte> text) =>
        text.Length == 2 * MerkleTree.HashBytes && text.IndexOfAnyExcept(DigitBytes) < 0;

    /// <summary>Whether the text is that of a hash.</summary>
    public static bool Is(ReadOnlySpan<char> text, ReadOnlySpan<byte> hash)
    {
        Span<char> digits = stackalloc char[2 * MerkleTree.HashBytes];
        return Convert.TryToHexStringLower(hash, digits, out var written) && text.SequenceEqual(digits[..written]);
    }

    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789abcdef");
    private static readonly System.Buffers.SearchValues<byte> DigitBytes = System.Buffers.SearchValues.Create("0123456789abcdef"u8);
}
