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

    /// <summary>Whether a field by this name or path usually holds a secret: <c>env[DB_PASSWORD].value</c>, but not <c>…secretKeyRef.name</c>.</summary>
    public static bool IsSecretName(string name) => RedactionPatterns.SecretName().IsMatch(name);

    /// <summary>A value as it may be shown, given the name or path of its field.</summary>
    public static string OfField(string path, string value) => IsSecretName(path) && !SecretJudgement.IsSwitch(value) ? Mask : Apply(value);

    public static string Apply(string text)
    {
        if (text.Length < ShortestText) return text;
        if (text.Contains(@"\u00", StringComparison.Ordinal)) text = RedactionPatterns.SpeltSign().Replace(text, Sign);
        text = RedactionPatterns.PrivateKey().Replace(text, Mask);
        text = RedactionPatterns.PrivateKeyTail().Replace(text, Mask);
        text = RedactionPatterns.PackedPrivateKey().Replace(text, Mask);
        if (text.Contains("Secret", StringComparison.Ordinal) && RedactionPatterns.SecretKind().IsMatch(text))
            text = RedactionPatterns.SecretData().Replace(text, Keep);
        text = RedactionPatterns.Token().Replace(text, Keep);
        text = RedactionPatterns.PlainToken().Replace(text, m => SecretJudgement.IsIssued(m.Groups[2].ValueSpan) ? Keep(m) : m.Value);
        text = RedactionPatterns.Hash().Replace(text, Mask);
        text = Urls(text);
        text = RedactionPatterns.Cookie().Replace(text, Keep);
        text = RedactionPatterns.SignedRequest().Replace(text, Keep);
        text = Judged(RedactionPatterns.Authorization(), text);
        text = RedactionPatterns.Scheme().Replace(text, m => SecretJudgement.IsIssued(m.Groups[2].ValueSpan) || m.Groups[2].ValueSpan[^1] == '=' ? Keep(m) : m.Value);
        text = RedactionPatterns.NamedQuoted().Replace(text, KeepUnlessSwitch);
        text = RedactionPatterns.NamedValue().Replace(text, KeepUnlessSwitch);
        text = RedactionPatterns.ValueNamed().Replace(text, m => SecretJudgement.IsSwitch(m.Groups[2].Value) ? m.Value : Between(m, 3));
        text = RedactionPatterns.Option().Replace(text, KeepUnlessSwitch);
        text = RedactionPatterns.ClientOption().Replace(text, Keep);
        text = RedactionPatterns.UserOption().Replace(text, Keep);
        text = RedactionPatterns.Query().Replace(text, KeepUnlessSwitch);
        text = Judged(RedactionPatterns.AssignedDeep(), text);
        text = Judged(RedactionPatterns.AssignedEscaped(), text);
        text = Judged(RedactionPatterns.AssignedDouble(), text);
        text = Judged(RedactionPatterns.AssignedSingle(), text);
        text = Judged(RedactionPatterns.Assigned(), text);
        text = RedactionPatterns.WeaklyNamed().Replace(text, m => SecretJudgement.IsRandomId(m.Groups[2].ValueSpan) ? Keep(m) : m.Value);
        text = RedactionPatterns.Spoken().Replace(text, m => SecretJudgement.HasDigit(m.Groups[2].ValueSpan) ? Keep(m) : m.Value);
        text = RedactionPatterns.SpokenToken().Replace(text, m => SecretJudgement.IsIssued(m.Groups[2].ValueSpan) ? Keep(m) : m.Value);
        return RedactionPatterns.Opaque().Replace(text, m => SecretJudgement.IsOpaque(m.ValueSpan) ? Mask : m.Value);
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
