using System.Text;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Simulator.StandIns;

/// <summary>Cuts the text of a Python list (<c>repr</c>) into the texts of its items, without evaluating it.</summary>
internal static class PythonList
{
    /// <summary>The items as they stand there; none for anything that is no list.</summary>
    public static List<string> Items(string list)
    {
        List<string> items = [];
        if (list is not ['[', .., ']'] || list.Length == 2) return items;
        var (from, depth, quote) = (1, 0, '\0');
        for (var i = 1; i < list.Length - 1; i++)
        {
            var c = list[i];
            if (quote != '\0')
            {
                if (c == '\\') i++;
                else if (c == quote) quote = '\0';
                continue;
            }
            switch (c)
            {
                case '\'' or '"': quote = c; break;
                case '{' or '[' or '(': depth++; break;
                case '}' or ']' or ')': depth--; break;
                case ',' when depth == 0:
                    items.Add(list[from..i].Trim());
                    from = i + 1;
                    break;
            }
        }
        items.Add(list[from..^1].Trim());
        return items;
    }

    /// <summary>The text that a quoted item stands for.</summary>
    public static string Text(string item) => PythonDict.Parse(Encoding.UTF8.GetBytes($"{{'v': {item}}}")).GetValueOrDefault("v", "");
}
