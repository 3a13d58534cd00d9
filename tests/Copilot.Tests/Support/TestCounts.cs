using Xunit;

namespace Copilot.Tests.Support;

/// <summary>How many cases a test runs: few by default, all that are stated with <c>./test.sh --full</c>.</summary>
internal static class TestCounts
{
    public static bool Full { get; } = IsFull(Environment.GetEnvironmentVariable("COPILOT_FULL"));

    /// <summary>Chooses the count and prints it in the test's output, so that a report cannot claim the larger one by mistake.</summary>
    public static int Pick(int reduced, int full)
    {
        var count = Choose(Full, reduced, full);
        TestReport.Line($"{TestContext.Current.TestMethod?.MethodName}: {count} ({(Full ? "full count" : $"reduced; the full count is {full}")})");
        return count;
    }

    internal static bool IsFull(string? setting) => setting is "1" or "true";

    internal static int Choose(bool isFull, int reduced, int full) => isFull ? full : reduced;
}
