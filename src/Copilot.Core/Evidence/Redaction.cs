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
        text = Scheme().Replace(text, m => $"{m.Groups[1].Value}{Mask}");
        text = Spoken().Replace(text, m => $"{m.Groups[1].Value}{Mask}");
        return Assigned().Replace(text, m => $"{m.Groups[1].Value}{Mask}");
    }

    [GeneratedRegex(@"(?i)(password|passwd|passphrase|pwd|(^|[^a-z])pass|secret|token|(api|private|access|secret|signing|encryption|master)[._-]?key|(?-i:_KEY)|credential)s?\]?(\.value)?$", RegexOptions.NonBacktracking)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)")]
    private static partial Regex PrivateKey();

    // AWS, GitHub, GitLab, Slack and its web hooks, Google, Stripe and others with sk-, npm, JWT.
    [GeneratedRegex(@"(\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,}|[rs]k_(live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,})|hooks\.slack\.com/services/[A-Za-z0-9/_-]+)", RegexOptions.NonBacktracking)]
    private static partial Regex KnownToken();

    [GeneratedRegex(@"([a-z][a-z0-9+.-]*://[^\s:/@]{0,64}:)[^\s/@]{1,128}@", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"((?:authorization[""']?\s*[=:]\s*[""']?(?:bearer|basic)\s+|bearer\s+))([A-Za-z0-9._~+/=-]{16,}|[A-Za-z0-9._~+/-]+=+)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Scheme();

    // Without a sign only what has a digit in it is taken for a password: words stay.
    [GeneratedRegex(@"((?:password|passwd|api[_-]?key|access[_-]?key)\s+[""']?)([A-Za-z_+/.!-]*[0-9][^\s""',;}]{3,})", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Spoken();

    // A sign or the dashes of an option must stand there: "secret db-login not found" and "password authentication failed" are what an engineer has to read.
    [GeneratedRegex(@"((?:(?:password|passwd|passphrase|pwd|[^a-z]pass|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization)s?\\?[""']?\s*[=:]\s*|--?(?:password|passwd|pass|secret|token|api-key)\s+)\\?[""']?)([^\s""',;}\\«]{6,})", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Assigned();
}
