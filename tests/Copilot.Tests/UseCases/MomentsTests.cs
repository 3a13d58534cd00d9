using Copilot.Core.Incidents;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.UseCases;

public sealed class MomentsTests
{
    private static readonly TimeWindow OverMidnight = new(new(2025, 1, 1, 23, 0, 0, TimeSpan.Zero), new(2025, 1, 2, 1, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("23:30", "2025-01-01T23:30:00Z")]
    [InlineData("0:15", "2025-01-02T00:15:00Z")]
    [InlineData("00:15:30", "2025-01-02T00:15:30Z")]
    [InlineData("22:50", "2025-01-01T22:50:00Z")] // shortly before the recording, not long after it
    [InlineData("2025-01-01T12:00:00+02:00", "2025-01-01T10:00:00Z")]
    public void Read_TimeOfDay_LiesInTheRecording(string text, string expected) => Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Moments.Read(text, OverMidnight));

    [Theory]
    [InlineData("25:00")]
    [InlineData("yesterday")]
    [InlineData("2025-01-01T12:00:00")] // whose time?
    [InlineData("")]
    public void IsOne_Other_IsNot(string text) => Assert.False(Moments.IsOne(text));
}
