using System.Text;

namespace Copilot.Simulator.StandIns;

/// <summary>Reads <c>name=value name="a value"</c> (brandur.org/logfmt). What is no pair is passed over.</summary>
internal static class Logfmt
{
    public static void Read(string line, Action<string, string> pair)
    {
        for (var i = 0; i < line.Length;)
        {
            while (i < line.Length && line[i] <= ' ') i++;
            var from = i;
            while (i < line.Length && line[i] > ' ' && line[i] is not ('=' or '"')) i++;
            var name = line[from..i];
            if (i >= line.Length || line[i] != '=')
            {
                if (i < line.Length && line[i] == '"') i++;
                continue;
            }
            i++;
            var value = i < line.Length && line[i] == '"' ? Quoted(line, ref i) : Bare(line, ref i);
            if (name.Length > 0 && value.Length > 0) pair(name, value);
        }
    }

    private static string Bare(string line, ref int i)
    {
        var from = i;
        while (i < line.Length && line[i] > ' ') i++;
        return line[from..i];
    }

    private static string Quoted(string line, ref int i)
    {
        var text = new StringBuilder();
        for (i++; i < line.Length && line[i] != '"'; i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length) text.Append(line[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
            else text.Append(line[i]);
        }
        i++;
        return text.ToString();
    }
}
