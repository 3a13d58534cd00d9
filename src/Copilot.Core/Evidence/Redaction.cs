using System.Text.RegularExpressions;

namespace Copilot.Core.Evidence;

/// <summary>Takes secrets out of text before it is shown or stored. Patterns for common credentials; the text around them stays readable.</summary>
public static partial class Redaction
{
    public const string Mask = "«redacted»";

    /// <summary>Whether a field by this name usually holds a secret.</summary>
    public static bool IsSecretName(string name) => SecretName().IsMatch(name);

    public static string Apply(string text)
    {
        if (text.Length < 8) return text;
        text = PrivateKey().Replace(text, Mask);
        text = KnownToken().Replace(text, Mask);
        text = UrlPassword().Replace(text, $"$1{Mask}@");
        return Assigned().Replace(text, m => $"{m.Groups[1].Value}{Mask}");
    }

    [GeneratedRegex(@"(?i)(password|passwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credential)s?\]?(\.value)?$", RegexOptions.NonBacktracking)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)")]
    private static partial Regex PrivateKey();

    // AWS, GitHub, Slack, Google, JWT.
    [GeneratedRegex(@"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,})", RegexOptions.NonBacktracking)]
    private static partial Regex KnownToken();

    [GeneratedRegex(@"([a-z][a-z0-9+.-]*://[^\s:/@]{0,64}:)[^\s/@]{1,128}@", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|authorization: (?:bearer|basic))[""']?\s*[=:]?\s*[""']?)([^\s""',;}]{6,})", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Assigned();
}
