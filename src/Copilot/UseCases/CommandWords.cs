using System.Text.RegularExpressions;

namespace Copilot.UseCases;

/// <summary>The words of a command in the settings: in quotes where they hold spaces; no shell is asked.</summary>
internal static partial class CommandWords
{
    public static string[] Of(string line) => [.. Word().Matches(line).Select(m => m.Groups.Values.Skip(1).First(g => g.Success).Value)];

    [GeneratedRegex("""
        "([^"]*)"|'([^']*)'|([^\s"']+)
        """, RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
