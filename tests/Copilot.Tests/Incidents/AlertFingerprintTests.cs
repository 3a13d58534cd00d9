using Copilot.Core.Incidents;
using Xunit;

namespace Copilot.Tests.Incidents;

/// <summary>The same identity as Prometheus gives: its own test of label sets is the source of the values. A test with the real Alertmanager compares more.</summary>
public sealed class AlertFingerprintTests
{
    [Fact]
    public void Of_NoLabels_IsTheOffsetOfFnv1a() => Assert.Equal("cbf29ce484222325", AlertFingerprint.Of(new Dictionary<string, string>()));

    [Fact]
    public void Of_OtherOrder_IsTheSame() => Assert.Equal(
        AlertFingerprint.Of(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }),
        AlertFingerprint.Of(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }));

    [Theory]
    [InlineData("a", "bc", "ab", "c")]
    [InlineData("a", "b", "a", "b ")]
    public void Of_TextsThatJoinToTheSame_Differ(string name, string value, string otherName, string otherValue) => Assert.NotEqual(
        AlertFingerprint.Of(new Dictionary<string, string> { [name] = value }),
        AlertFingerprint.Of(new Dictionary<string, string> { [otherName] = otherValue }));
}
