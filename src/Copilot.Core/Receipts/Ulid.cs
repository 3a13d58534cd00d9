using System.Buffers.Binary;

namespace Copilot.Core.Receipts;

/// <summary>Ids of 26 characters that sort by time: 48 bits of milliseconds since 1970, 80 random bits, in Crockford's base 32 (github.com/ulid/spec).</summary>
public static class Ulid
{
    public const int Length = 26;

    /// <summary>How many random bytes an id needs.</summary>
    public const int RandomBytes = 10;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <exception cref="ArgumentException">The time lies before 1970, or there are not exactly ten random bytes.</exception>
    public static string Create(DateTimeOffset at, ReadOnlySpan<byte> random)
    {
        var milliseconds = at.ToUnixTimeMilliseconds();
        if (milliseconds is < 0 or >= 1L << 48) throw new ArgumentOutOfRangeException(nameof(at), at, "A ULID begins in 1970.");
        if (random.Length != RandomBytes) throw new ArgumentException($"A ULID takes {RandomBytes} random bytes, not {random.Length}.", nameof(random));
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds << 16);
        random.CopyTo(bytes[6..]);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> text = stackalloc char[Length];
        for (var i = Length - 1; i >= 0; i--, value >>= 5) text[i] = Alphabet[(int)(value & 31)];
        return new string(text);
    }

    /// <summary>Whether the text is an id as <see cref="Create"/> writes it: upper case, and no more than 128 bits.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length != Length || text[0] > '7') return false;
        foreach (var c in text)
        {
            if (!Alphabet.Contains(c)) return false;
        }
        return true;
    }

    /// <summary>The same of ASCII bytes, with the number that the id writes.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, out UInt128 value)
    {
        value = 0;
        if (text.Length != Length || text[0] > '7') return false;
        var (high, low) = (0UL, 0UL);
        for (var i = 0; i < Length; i++)
        {
            var digit = text[i] < Digits.Length ? Digits[text[i]] : -1;
            if (digit < 0) return false;
            high = (high << 5) | (low >> 59);
            low = (low << 5) | (uint)digit;
        }
        value = new UInt128(high, low);
        return true;
    }

    private static readonly sbyte[] Digits = [.. Enumerable.Range(0, 128).Select(c => (sbyte)Alphabet.IndexOf((char)c))];
}
