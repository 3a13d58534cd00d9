using Copilot.Bench.Datasets;

namespace Copilot.UseCases;

/// <summary>Finds the cases that are worked on together.</summary>
internal static class SuiteSource
{
    /// <param name="split">Only these cases of data sets; null for all.</param>
    /// <param name="version">Of the data set; null for the last published, 0 for the draft.</param>
    /// <param name="remark">Is told what was passed over.</param>
    public static IReadOnlyList<Suite> Find(IReadOnlyList<string> sources, string? split, int? version, Action<string> remark)
    {
        if (sources.Count == 0) throw new BadInputException("No cases are given. Name a data set, a recipe file, a recording, or a folder of them.");
        var suites = new List<Suite>();
        foreach (var source in sources)
        {
            var suite = CaseFinder.Find(source, version);
            foreach (var said in suite.Remarks) remark(said);
            if (split is not null)
            {
                suite = suite with { Cases = [.. suite.Cases.Where(c => c.Split == split)] };
                if (suite.Cases.Count == 0) throw new BadInputException($"{source} has no case in the split {split}. Leave --split out, or name another of its splits.");
            }
            suites.Add(suite);
        }
        if (suites.SelectMany(s => s.Cases).GroupBy(c => c.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new BadInputException($"Two cases have the id {twice.Key}, of {string.Join(" and ", twice.Select(c => c.Suite))}. Run them apart.");
        if (suites.GroupBy(s => s.Name).FirstOrDefault(g => g.Count() > 1) is { } same) throw new BadInputException($"Two of the sources are called {same.Key}. Rename one, or run them apart.");
        return suites;
    }
}
