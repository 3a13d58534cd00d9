using System.Text.RegularExpressions;

namespace Copilot.Core.Approvals.People;

/// <summary>The forms in which an account of another system is written down. Closed and in ASCII, so that no two that look alike are different ones.</summary>
public static partial class LinkedIdentity
{
    /// <summary>All forms with an example each.</summary>
    public const string Forms = "os:alice, slack:T024BE7LD/U023BECGF, api:alice-laptop or oidc:https://login.example.com#00u1a2b3";

    /// <summary>By their pattern, which the JSON Schema shows as well.</summary>
    public static IReadOnlyDictionary<string, string> Patterns { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["os"] = Os,
        ["slack"] = Slack,
        ["api"] = Api,
        ["oidc"] = Oidc,
    };

    // Names of directory services come with a domain: CORP\alice, alice@corp.
    private const string Os = @"^os:[A-Za-z0-9_][A-Za-z0-9._@\\-]{0,127}$";

    private const string Slack = "^slack:[ET][A-Z0-9]{1,20}/[UW][A-Z0-9]{1,20}$";

    // The name of a token, as receipts name whoever comes with it. Not token:NAME, which looks like a secret and is masked wherever it is shown.
    private const string Api = "^api:[A-Za-z0-9._-]{1,63}$";

    // An issuer has neither query nor fragment (OpenID Connect Core 1.0, section 2); a subject has at most 255 characters of ASCII.
    private const string Oidc = "^oidc:https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?#[!-~]{1,255}$";

    public static bool Is(string text) =>
        // $ lets a line break follow.
        !text.EndsWith('\n') && text.IndexOf(':') is var colon and > 0 && text[..colon] switch
        {
            "os" => OsForm().IsMatch(text),
            "slack" => SlackForm().IsMatch(text),
            "api" => ApiForm().IsMatch(text),
            "oidc" => OidcForm().IsMatch(text),
            _ => false,
        };

    [GeneratedRegex(Os, RegexOptions.NonBacktracking)]
    private static partial Regex OsForm();

    [GeneratedRegex(Slack, RegexOptions.NonBacktracking)]
    private static partial Regex SlackForm();

    [GeneratedRegex(Api, RegexOptions.NonBacktracking)]
    private static partial Regex ApiForm();

    [GeneratedRegex(Oidc, RegexOptions.NonBacktracking)]
    private static partial Regex OidcForm();
}
