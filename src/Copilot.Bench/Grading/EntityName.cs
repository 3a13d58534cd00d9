using System.Text.RegularExpressions;

namespace Copilot.Bench.Grading;

/// <summary>A name in an answer, <c>namespace/Kind/name</c>, taken apart. Answers come from outside: what is not of this form names nothing.</summary>
/// <param name="Namespace">As written; <c>cluster</c> for what has none.</param>
internal sealed partial record EntityName(string Namespace, string Kind, string Name)
{
    public const int MaxLength = 512;

    /// <summary>Null for what names nothing. Blanks around it are let go, as the public graders do.</summary>
    public static EntityName? Parse(string? text)
    {
        if (text is null || text.Length > MaxLength) return null;
        var match = Form().Match(text.Trim());
        return match.Success ? new(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value) : null;
    }

    // ASCII alone, so that nothing looks like a name and is another; no characters of patterns, so that nobody answers with one. Blanks and slashes within
    // the name occur in what is no Kubernetes object.
    [GeneratedRegex(@"^([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+)/([A-Za-z0-9_](?:[A-Za-z0-9 !""#%&'()+,./:;<=>@_~-]*[A-Za-z0-9!""#%&'()+,./:;<=>@_~-])?)$", RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
