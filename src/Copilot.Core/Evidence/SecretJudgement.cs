using System.Buffers;
using System.Text.RegularExpressions;

namespace Copilot.Core.Evidence;

/// <summary>Tells values that are secrets from words, switches and identifiers that stand in the same places.</summary>
internal static class SecretJudgement
{
    private const string CertificateStart = "LS0tLS1CRUdJTiBDRVJU"; // "-----BEGIN CERT" in base64: public
    private const double RandomTransitions = 0.42;

    private const int LongName = 20;
    private const int ShortestRun = 20;
    private const int FewestDigits = 4;
    private const int UlidLength = 26;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> Base32 = SearchValues.Create("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    private static readonly SearchValues<char> LettersAndDigits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF-");

    private static readonly HashSet<string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        "true", "false", "null", "nil", "<nil>", "none", "undefined", "yes", "no", "on", "off", "enabled", "disabled", "redacted", "<redacted>", "[redacted]", "string", "object",
        "bearer", "basic", "digest", "negotiate", // the scheme before the credential
    };

    // What is said about a password or token, after its name and a colon.
    private static readonly HashSet<string> States = new(StringComparer.OrdinalIgnoreCase)
    {
        "invalid", "incorrect", "expired", "missing", "required", "wrong", "empty", "unset", "unknown", "rejected", "denied", "failed", "revoked", "malformed", "unauthorized",
        "unauthenticated", "unexpected", "changed", "updated", "rotated", "forbidden", "illegal", "cannot", "could", "unable", "error", "permission", "signature",
    };

    /// <summary>A truth value, an absent one, a reference to a value elsewhere or one that is masked already.</summary>
    public static bool IsSwitch(string value) =>
        Switches.Contains(value) || value.StartsWith("${", StringComparison.Ordinal) || value.StartsWith("$(", StringComparison.Ordinal) || value.StartsWith("{{", StringComparison.Ordinal)
        || value.AsSpan().TrimStart('*').Length == 0 || value.AsSpan().TrimStart("xX").Length == 0 || value.StartsWith(Redaction.Mask, StringComparison.Ordinal);

    /// <summary>Whether what follows a secret's name and sign is something said about it: <c>invalid token: unexpected end</c>.</summary>
    /// <param name="m">Group 1 up to the value, group 2 the value.</param>
    /// <param name="text">The text that it was found in.</param>
    public static bool IsProse(Match m, string text)
    {
        var value = m.Groups[2].Value;
        var lead = m.Groups[1].ValueSpan;
        var rest = text.AsSpan(m.Index + m.Length);
        if (IsSwitch(value) || value[0] is '{' or '[' || value[^1] == ':') return true;
        // Counts of words that a model read, not a credential.
        if (lead.TrimEnd(" \t\"'\\:=]>").EndsWith("tokens", StringComparison.OrdinalIgnoreCase) && !value.AsSpan().ContainsAnyExcept(Digits)) return true;
        if (rest.StartsWith(" not found", StringComparison.Ordinal) || rest.StartsWith("\" not found", StringComparison.Ordinal)) return true;
        if (!lead.TrimEnd(' ').EndsWith(":", StringComparison.Ordinal) || value.AsSpan().TrimEnd('.').ContainsAnyExcept(Letters)) return false;
        return States.Contains(value.TrimEnd('.')) || (lead[^1] == ' ' && GoesOn(rest));
    }

    /// <summary>Letters of both cases and digits, or a long run of letters and digits that nothing divides: no word, and no name of a Kubernetes object.</summary>
    public static bool IsIssued(ReadOnlySpan<char> value)
    {
        var (upper, lower, digit) = Count(value);
        return (upper > 0 && lower > 0 && digit > 0) || ((digit >= FewestDigits || (digit > 0 && lower == 0)) && upper + lower > 0 && value.Length >= ShortestRun && !value.ContainsAny("-./_"));
    }

    /// <summary>
    /// Whether what looks like an access key is a part of a ULID, as receipts and incidents are named by: 32 ms in each 17 minutes have ids with A3T in their time, and as many after it as such
    /// a key has. A key of AWS has 20 characters, and nothing that goes on.
    /// </summary>
    public static bool IsInUlid(Match m, string text)
    {
        var (from, to) = (text.AsSpan(0, m.Index).LastIndexOfAnyExcept(LettersAndDigits) + 1, text.AsSpan(m.Index).IndexOfAnyExcept(LettersAndDigits));
        var run = text.AsSpan(from..(to < 0 ? text.Length : m.Index + to));
        return run.Length == UlidLength && run[0] <= '7' && !run.ContainsAnyExcept(Base32) && !m.ValueSpan.ContainsAnyExcept(Base32);
    }

    public static bool HasDigit(ReadOnlySpan<char> value) => value.ContainsAnyInRange('0', '9');

    /// <summary>The random part of a session or signature; UUIDs, digests and trace ids, which are all hexadecimal, are none.</summary>
    public static bool IsRandomId(ReadOnlySpan<char> value) => IsIssued(value) && value.ContainsAnyExcept(Hex);

    /// <summary>
    /// A long run in which upper case, lower case and digits follow one another as in base64 of random bytes (three changes of class in five characters),
    /// not as in words joined by capitals (one in three or fewer).
    /// </summary>
    public static bool IsOpaque(ReadOnlySpan<char> value)
    {
        if (value.StartsWith(CertificateStart, StringComparison.Ordinal)) return false;
        // A path is judged by its parts: together they mix cases and digits although each is a name.
        if (value[0] == '/') return IsOpaquePath(value);
        var (upper, lower, digit) = Count(value);
        if (upper < 3 || lower < 3 || digit < 2) return false;
        var changes = 0;
        for (var i = 1; i < value.Length; i++)
            if (Class(value[i]) != Class(value[i - 1])) changes++;
        return changes >= RandomTransitions * value.Length;
    }

    private static bool IsOpaquePath(ReadOnlySpan<char> path)
    {
        foreach (var part in path.Split('/'))
            if (path[part] is { Length: >= LongName } name && IsOpaque(name)) return true;
        return false;
    }

    private static bool GoesOn(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 3 || rest[0] != ' ' || !char.IsAsciiLetter(rest[1])) return false;
        var word = rest[1..];
        var end = word.IndexOf(' ');
        return !(end < 0 ? word : word[..end]).ContainsAny(":=");
    }

    private static (int Upper, int Lower, int Digit) Count(ReadOnlySpan<char> value)
    {
        var (upper, lower, digit) = (0, 0, 0);
        foreach (var c in value)
        {
            if (char.IsAsciiLetterUpper(c)) upper++;
            else if (char.IsAsciiLetterLower(c)) lower++;
            else if (char.IsAsciiDigit(c)) digit++;
        }
        return (upper, lower, digit);
    }

    private static int Class(char c) => char.IsAsciiLetterUpper(c) ? 0 : char.IsAsciiLetterLower(c) ? 1 : char.IsAsciiDigit(c) ? 2 : 3;
}
