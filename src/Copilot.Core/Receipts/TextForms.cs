using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>The forms of text that receipts know. The pattern is the published statement of the test beside it; a test holds them together.</summary>
internal static class TextForms
{
    public const int UtcLength = 28;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>A leaf hash.</summary>
    public static readonly TextShape Leaf = new("^[0-9a-f]{64}$", Hex.IsHash);

    /// <summary>A digest of bytes that are kept elsewhere.</summary>
    public static readonly TextShape Digest = new("^sha256:[0-9a-f]{64}$", t => t.StartsWith("sha256:"u8) && Hex.IsHash(t[7..]));

    public static readonly TextShape Id = new("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", t => Ulid.TryRead(t, out _));

    /// <summary>A moment in UTC with seven digits of a second; one that the calendar has, which the pattern cannot say.</summary>
    public static readonly TextShape Utc = new(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{7}Z$", IsUtc);

    /// <summary>A whole number that may exceed 2^53.</summary>
    public static readonly TextShape Whole = new("^(0|[1-9][0-9]{0,18})$", t => t.Length is > 0 and <= 19 && IsDigits(t) && (t.Length == 1 || t[0] != '0'));

    /// <summary>A number with an optional fraction.</summary>
    public static readonly TextShape Decimal = new(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$", IsDecimal);

    /// <summary>A public key: <see cref="NoteKey"/>.</summary>
    public static readonly TextShape Key = new(@"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$", t => NoteKey.TryParse(Encoding.UTF8.GetString(t), out _, out _));

    private static bool IsUtc(ReadOnlySpan<byte> text) =>
        text.Length == UtcLength && text[^1] == 'Z' && Utf8Parser.TryParse(text, out DateTimeOffset _, out var read, 'O') && read == UtcLength;

    private static bool IsDecimal(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("-"u8)) text = text[1..];
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        return whole.Length > 0 && IsDigits(whole) && (whole.Length == 1 || whole[0] != '0') && (dot < 0 || (text.Length > dot + 1 && IsDigits(text[(dot + 1)..])));
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Digits) < 0;
}
