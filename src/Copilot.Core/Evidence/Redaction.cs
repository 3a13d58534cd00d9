using System.Buffers;
using System.Text.RegularExpressions;

namespace Copilot.Core.Evidence;

/// <summary>
/// Takes secrets out of text before it is shown or stored: what names itself by its form (tokens, private keys), what stands where a secret stands
/// (after a name, in a URL, in a header, behind an option) and what is too random to be a word. The text around it stays readable.
/// Signs that JSON spells as <c>\u0027</c> are shown as themselves. Applying it twice changes nothing more. Linear in the length of the text.
/// </summary>
public static class Redaction
{
    public const string Mask = "«redacted»";

    private const int ShortestText = 8;
    private const int ShortestPlainToken = 20;
    private const int ShortestOpaque = 32;

    private static readonly SearchValues<char> RunCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-");

    /// <summary>Whether a field by this name or path usually holds a secret: <c>env[DB_PASSWORD].value</c>, but not <c>…secretKeyRef.name</c>.</summary>
    public static bool IsSecretName(string name) => RedactionPatterns.SecretName().IsMatch(name);

    /// <summary>A value as it may be shown, given the name or path of its field.</summary>
    public static string OfField(string path, string value) => IsSecretName(path) && !SecretJudgement.IsSwitch(value) ? Mask : Apply(value);

    // What a pattern cannot do without. Most texts have none of it, and then the pattern is neither built nor run: building all takes over a second.
    private static readonly SearchValues<string> Names = Hints("pass", "pw", "secret", "token", "credential", "key", "sig", "auth");
    private static readonly SearchValues<string> WeakNames = Hints("auth", "sess", "sid", "sig", "bearer", "nonce", "dsn", "key", "code");
    private static readonly SearchValues<string> Schemes = Hints("bearer", "basic", "apikey", "api-key");
    private static readonly SearchValues<string> Headers = Hints("authorization");
    private static readonly SearchValues<string> Cookies = Hints("cookie");
    private static readonly SearchValues<string> Clients = Hints("mysql", "mariadb", "mongo", "sshpass", "docker", "redis-cli", "ldap", "bcp", "sqlcmd", "htpasswd");
    private static readonly SearchValues<string> Values = Hints("value");
    private static readonly SearchValues<string> Options = SearchValues.Create(
        [" -", "\t-", "\n-", "\r-", "\v-", "\f-", "\u0085-", "\u00A0-", "\"-", "'-", "=-", "(-", "[-"], StringComparison.Ordinal);
    private static readonly SearchValues<string> SpokenNames = Hints("password", "passwd", "passphrase", "passcode", "pwd", " key", "_key", "-key");
    private static readonly SearchValues<string> SpokenTokens = Hints("token ", "token\t", "secret ", "secret\t", "credential");
    private static readonly SearchValues<string> HashSigns = Hints("$", "{sha", "{ssha");

    /// <summary>The text as it may be shown.</summary>
    public static string Apply(string text) => Apply(text, null);

    /// <summary>The same, and which rules found a secret, by their ids in the order in which they are applied.</summary>
    public static string Apply(string text, ICollection<string>? rules)
    {
        if (text.Length < ShortestText) return text;
        if (text.Contains(@"\u00", StringComparison.Ordinal)) text = RedactionPatterns.SpeltSign().Replace(text, Sign);
        if (Has(text, "-----")) Put("private-key", RedactionPatterns.PrivateKeyTail().Replace(RedactionPatterns.PrivateKey().Replace(text, Mask), Mask));
        if (Has(text, "LS0tLS1CRUdJTi")) Put("packed-private-key", RedactionPatterns.PackedPrivateKey().Replace(text, Mask));
        if (Has(text, "Secret") && RedactionPatterns.SecretKind().IsMatch(text)) Put("secret-object", RedactionPatterns.SecretData().Replace(text, Keep));
        Put("token", RedactionPatterns.Token().Replace(text, m => SecretJudgement.IsInUlid(m, text) ? m.Value : Keep(m)));
        var run = LongestRun(text);
        if (run >= ShortestPlainToken) Put("plain-token", RedactionPatterns.PlainToken().Replace(text, m => SecretJudgement.IsIssued(m.Groups[2].ValueSpan) ? Keep(m) : m.Value));
        if (Has(text, HashSigns)) Put("password-hash", RedactionPatterns.Hash().Replace(text, Mask));
        if (Has(text, "://") || text.AsSpan().ContainsAny('@', '%')) Put("url", Urls(text));
        if (Has(text, Cookies)) Put("cookie", RedactionPatterns.Cookie().Replace(text, Keep));
        if (Has(text, "AWS4")) Put("signed-request", RedactionPatterns.SignedRequest().Replace(text, Keep));
        if (Has(text, Headers)) Put("authorization", Judged(RedactionPatterns.Authorization(), text));
        if (Has(text, Schemes)) Put("scheme", RedactionPatterns.Scheme().Replace(text, m => SecretJudgement.IsIssued(m.Groups[2].ValueSpan) || m.Groups[2].ValueSpan[^1] == '=' ? Keep(m) : m.Value));
        var named = Has(text, Names);
        // A value stands behind a sign: = : > or one of them spelt out.
        var signed = text.AsSpan().ContainsAny("=:>%\\");
        if (named && Has(text, Values)) Put("named-field", Fields(text));
        if (named && (text[0] == '-' || Has(text, Options))) Put("option", RedactionPatterns.Option().Replace(text, KeepUnlessSwitch));
        if (Has(text, Clients)) Put("client-option", RedactionPatterns.ClientOption().Replace(text, Keep));
        if (Has(text, "-u")) Put("user-option", RedactionPatterns.UserOption().Replace(text, Keep));
        if (named && signed && text.AsSpan().ContainsAny("?&%\\")) Put("query", RedactionPatterns.Query().Replace(text, KeepUnlessSwitch));
        if (named && signed) Put("assignment", Assignments(text));
        if (signed && Has(text, WeakNames)) Put("weak-name", RedactionPatterns.WeaklyNamed().Replace(text, m => SecretJudgement.IsRandomId(m.Groups[2].ValueSpan) ? Keep(m) : m.Value));
        if (named) Put("spoken", Spoken(text));
        if (run >= ShortestOpaque) Put("opaque", RedactionPatterns.Opaque().Replace(text, m => SecretJudgement.IsOpaque(m.ValueSpan) ? Mask : m.Value));
        return text;

        void Put(string rule, string after)
        {
            if (rules is not null && after != text) rules.Add(rule);
            text = after;
        }
    }

    private static string Fields(string text)
    {
        text = RedactionPatterns.NamedQuoted().Replace(text, KeepUnlessSwitch);
        text = RedactionPatterns.NamedValue().Replace(text, KeepUnlessSwitch);
        return RedactionPatterns.ValueNamed().Replace(text, m => SecretJudgement.IsSwitch(m.Groups[2].Value) ? m.Value : Between(m, 3));
    }

    private static string Assignments(string text)
    {
        if (text.Contains('\\')) text = Judged(RedactionPatterns.AssignedEscaped(), Judged(RedactionPatterns.AssignedDeep(), text));
        if (text.Contains('"')) text = Judged(RedactionPatterns.AssignedDouble(), text);
        if (text.Contains('\'')) text = Judged(RedactionPatterns.AssignedSingle(), text);
        return Judged(RedactionPatterns.Assigned(), text);
    }

    private static string Spoken(string text)
    {
        if (Has(text, SpokenNames)) text = RedactionPatterns.Spoken().Replace(text, m => SecretJudgement.HasDigit(m.Groups[2].ValueSpan) ? Keep(m) : m.Value);
        return Has(text, SpokenTokens) ? RedactionPatterns.SpokenToken().Replace(text, m => SecretJudgement.IsIssued(m.Groups[2].ValueSpan) ? Keep(m) : m.Value) : text;
    }

    // The Kelvin sign and the long s are a k and an s to a pattern that ignores case.
    private static SearchValues<string> Hints(params string[] words) => SearchValues.Create([.. words, "\u212A", "\u017F"], StringComparison.OrdinalIgnoreCase);

    private static bool Has(string text, SearchValues<string> hints) => text.AsSpan().ContainsAny(hints);

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);

    /// <summary>The most characters of keys and base64 that stand together.</summary>
    private static int LongestRun(string text)
    {
        var longest = 0;
        for (var rest = text.AsSpan(); rest.Length > longest;)
        {
            var end = rest.IndexOfAnyExcept(RunCharacters);
            if (end < 0) return Math.Max(longest, rest.Length);
            longest = Math.Max(longest, end);
            rest = rest[(end + 1)..];
        }
        return longest;
    }

    private static string Urls(string text)
    {
        foreach (var pattern in (ReadOnlySpan<Regex>)
            [RedactionPatterns.DatabaseUrl(), RedactionPatterns.UrlPassword(), RedactionPatterns.UrlUser(), RedactionPatterns.CutUrl(), RedactionPatterns.DriverUrl(), RedactionPatterns.EscapedUrl()])
        {
            var before = text;
            // name:tag@sha256:… is an image, not a person at a host.
            text = pattern.Replace(before, m => before.AsSpan(m.Groups[2].Index).StartsWith("@sha256:", StringComparison.Ordinal) ? m.Value : Between(m, 2));
        }
        return text;
    }

    /// <summary>The sign itself; a quote stays escaped, for it may stand inside others.</summary>
    private static string Sign(Match m) => (char)Convert.ToInt32(m.Value[^2..], 16) is var sign && sign == '"' ? "\\\"" : sign.ToString();

    private static string Judged(Regex pattern, string text) => pattern.Replace(text, m => SecretJudgement.IsProse(m, text) ? m.Value : Keep(m));

    private static string Keep(Match m) => m.Groups[1].Value + Mask;

    private static string Between(Match m, int tail) => m.Groups[1].Value + Mask + m.Groups[tail].Value;

    private static string KeepUnlessSwitch(Match m) => SecretJudgement.IsSwitch(m.Groups[2].Value) ? m.Value : Keep(m);
}
