using System.Diagnostics;
using System.Text;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class MalformedPoliciesTests
{
    /// <summary>Far more than any takes (a fifth of a second), as other tests may hold the processor.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public void Good_Loads() => Assert.Equal(6, PolicyLoader.Parse("p.yaml", Encoding.UTF8.GetBytes(MalformedPolicies.Good)).Document.Rules.Count);

    /// <summary>Each is refused with file, line, the words, and what to do.</summary>
    [Fact]
    public void Load_AnyOfThem_IsRefusedWithLineAndRemedy()
    {
        var wrong = new List<string>();
        var all = MalformedPolicies.All.ToList();
        Assert.Equal(all.Count, all.Select(m => m.What).Distinct().Count());
        foreach (var (what, bytes, line, words) in all)
        {
            var clock = Stopwatch.StartNew();
            try
            {
                PolicyLoader.Parse("p.yaml", bytes);
                wrong.Add($"{what}: loads");
                continue;
            }
            catch (FileFaultException e)
            {
                var start = line == 0 ? "p.yaml:" : $"p.yaml:{line}: ";
                if (!e.Faults.Any(f => f.StartsWith(start, StringComparison.Ordinal) && f.Contains(words, StringComparison.Ordinal))) wrong.Add($"{what}: line {line} and \"{words}\" are not in {string.Join(" | ", e.Faults.Take(3))}");
                wrong.AddRange(e.Faults.Where(f => !System.Text.RegularExpressions.Regex.IsMatch(f, @"^p\.yaml:[1-9][0-9]*: .+[.] .+[.?)]$")).Select(f => $"{what}: no remedy in {f}"));
            }
            if (clock.Elapsed > Bound) wrong.Add($"{what}: took {clock.Elapsed}");
        }
        TestReport.Line($"malformed policies: {all.Count}, each refused with file, line and remedy");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(all.Count >= 120, $"{all.Count}");
    }
}
