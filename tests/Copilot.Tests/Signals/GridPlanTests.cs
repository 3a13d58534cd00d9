using Copilot.Engine.Signals;
using Xunit;

namespace Copilot.Tests.Signals;

public sealed class GridPlanTests
{
    private static readonly DateTimeOffset Start = new(2026, 4, 1, 10, 0, 0, TimeSpan.Zero);

    private static long[] Every(double seconds, double minutes, DateTimeOffset? from = null) =>
        [.. Enumerable.Range(0, (int)(minutes * 60 / seconds) + 1).Select(i => (from ?? Start).AddSeconds(i * seconds).UtcTicks)];

    private static GridPlan Plan(long[]? moments = null, long[]? samples = null, long[]? normalMoments = null, long[]? normalSamples = null) =>
        GridPlan.Make([moments ?? []], [samples ?? []], [normalMoments ?? []], [normalSamples ?? []]);

    [Theory]
    [InlineData(30, 30)]
    [InlineData(9, 30)]
    [InlineData(8, 15)]
    [InlineData(3, 10)]
    public void Make_Spans_HaveStepsFineEnoughForTheirMinutes(double minutes, int seconds)
    {
        var (grid, _) = Plan(Every(1, minutes), Every(30, 30));
        Assert.Equal((TimeSpan.FromSeconds(seconds), Start), (grid.Step, grid.Start));
        Assert.Equal(30 * 60 / seconds + 1, grid.Count);
    }

    /// <summary>In finer steps most would hold no sample.</summary>
    [Theory]
    [InlineData(300, 300)]
    [InlineData(60.4, 60)]
    [InlineData(59.6, 60)]
    [InlineData(15, 30)]
    public void Make_SamplesAlone_HaveTheirOwnStep(double apart, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Plan(samples: Every(apart, 60)).Grid.Step);

    [Fact]
    public void Make_SamplesBesideSpans_DoNotMakeItCoarse() => Assert.Equal(TimeSpan.FromSeconds(30), Plan(Every(1, 30), Every(300, 30)).Grid.Step);

    /// <summary>What is normal comes before the incident on the grid, whether it was recorded before it or after it, and nothing lies between.</summary>
    [Theory]
    [InlineData(-3000)]
    [InlineData(3000)]
    public void Make_NormalRecording_LiesDirectlyBeforeTheIncident(double hours)
    {
        var (grid, shift) = Plan(samples: Every(300, 25), normalSamples: Every(300, 95, Start.AddHours(hours).AddSeconds(77)));
        Assert.Equal((20, 26, Start), (grid.Reference, grid.Count, grid.TimeOf(grid.Reference)));
        Assert.Equal((0, 19), (grid.IndexOf(Start.AddHours(hours).AddSeconds(77).UtcTicks + shift), grid.IndexOf(Start.AddHours(hours).AddSeconds(77).AddMinutes(95).UtcTicks + shift)));
        Assert.Equal(grid.Reference, grid.IndexOf(Start));
    }

    [Fact]
    public void Make_LongNormalRecording_IsCutToItsLastSteps()
    {
        var (grid, shift) = Plan(Every(10, 30), normalMoments: Every(10, 1000, Start.AddDays(-9)));
        Assert.Equal((480, 480 + 61), (grid.Reference, grid.Count));
        Assert.Equal(-1, grid.IndexOf(Start.AddDays(-9).UtcTicks + shift));
        Assert.Equal(479, grid.IndexOf(Start.AddDays(-9).AddMinutes(1000).UtcTicks + shift));
    }

    [Fact]
    public void Make_NothingRecordedOfTheIncident_HasNoSteps() => Assert.Equal((0, 0), (Plan(normalMoments: Every(1, 3)).Grid.Count, Plan().Grid.Count));

    [Theory]
    [InlineData(30, 9, false)]
    [InlineData(30, 10, true)]
    [InlineData(300, 5, false)]
    [InlineData(300, 6, true)]
    [InlineData(10, 29, false)]
    [InlineData(10, 30, true)]
    public void IsLong_AsksForStepsAndMinutes(int seconds, int steps, bool isLong) =>
        Assert.Equal(isLong, new Copilot.Core.Signals.TimeGrid(Start, TimeSpan.FromSeconds(seconds), 100).IsLong(steps));
}
