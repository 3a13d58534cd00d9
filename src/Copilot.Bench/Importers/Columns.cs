using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>Demands columns of a table without which its rows say nothing.</summary>
internal static class Columns
{
    /// <param name="names">Of several names parted by <c>|</c> one is enough.</param>
    /// <exception cref="FileFaultException">One is missing.</exception>
    public static void Require(CsvRows rows, string path, params IEnumerable<string> names)
    {
        var missing = names.Where(n => !n.Split('|').Any(name => rows.Column(name) >= 0)).Select(n => n.Replace("|", " or ", StringComparison.Ordinal)).ToList();
        if (missing.Count > 0)
            throw new FileFaultException($"{path}:1: no column {string.Join(", ", missing)}. Take the file from the data set's archive again, or take it away: a case does without it.");
    }
}
