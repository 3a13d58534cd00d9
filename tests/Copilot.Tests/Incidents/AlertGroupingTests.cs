using Copilot.Core.Incidents;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Incidents;

public sealed class AlertGroupingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AlertGrouping Grouping = new(TimeSpan.FromMinutes(10), [("web", "cart"), ("cart", "store"), ("store", "disk"), ("mail", "queue")]);

    [Theory]
    [InlineData("web-7d9f8c6b5d-x2k4z", "web")]
    [InlineData("node-exporter-x2k4z", "node-exporter")]
    [InlineData("database-0", "database")]
    [InlineData("web", "web")]
    [InlineData("cart-service", "cart-service")]
    public void WorkloadOfPod_GeneratedName_IsTheWorkload(string pod, string workload) => Assert.Equal(workload, AlertPlace.WorkloadOfPod(pod));

    [Fact]
    public void Of_MeasuredByAnother_IsThePlaceOfTheThingItself() => Assert.Equal(
        new AlertPlace("east", "shop", "cart", ""),
        Place(("cluster", "east"), ("namespace", "monitoring"), ("exported_namespace", "shop"), ("service", "kube-state-metrics"), ("pod", "kube-state-metrics-7d9f8c6b5d-x2k4z"), ("deployment", "cart")));

    [Theory]
    [InlineData("cart", "shop", true)] // itself
    [InlineData("web", "shop", true)] // calls it
    [InlineData("disk", "shop", true)] // two calls away
    [InlineData("mail", "shop", false)] // known, and not connected
    [InlineData("unheard", "shop", true)] // nobody knows: the namespace counts
    [InlineData("unheard", "other", false)]
    [InlineData("web", "frontends", true)] // calls cross namespaces
    [InlineData("cart", "staging", false)] // the same name elsewhere is another thing
    public void Choose_ByPlace_JoinsWhatBelongsTogether(string component, string ns, bool joins) =>
        Assert.Equal(joins ? "A" : null, Grouping.Choose("Slow", Place(("namespace", ns), ("service", component)), Noon, [Group("A", Noon, Place(("namespace", "shop"), ("service", "cart")))]));

    [Fact]
    public void Choose_ThreeCallsAway_StaysApart() =>
        Assert.Null(Grouping.Choose("Slow", Place(("namespace", "shop"), ("service", "web")), Noon, [Group("A", Noon, Place(("namespace", "shop"), ("service", "disk")))]));

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    [InlineData(-10, true)]
    [InlineData(-11, false)]
    public void Choose_ByTime_JoinsWhatBeganTogether(int minutes, bool joins) =>
        Assert.Equal(joins ? "A" : null, Grouping.Choose("Slow", Place(("service", "cart")), Noon.AddMinutes(minutes), [Group("A", Noon, Place(("service", "cart")))]));

    [Fact]
    public void Choose_Several_TakesTheNearestAndThenTheOldest()
    {
        AlertGroup[] groups = [Group("C", Noon.AddMinutes(1), Place(("service", "cart"))), Group("B", Noon, Place(("service", "store"))), Group("A", Noon, Place(("service", "web")))];

        Assert.Equal("C", Grouping.Choose("Slow", Place(("service", "cart")), Noon, groups));
        Assert.Equal("A", Grouping.Choose("Slow", Place(("service", "cart")), Noon, groups[1..]));
    }

    [Fact]
    public void Choose_OneNode_Joins_OtherCluster_Not()
    {
        AlertGroup[] groups = [Group("A", Noon, Place(("cluster", "east"), ("node", "n1"), ("namespace", "shop"), ("service", "cart")))];

        Assert.Equal("A", Grouping.Choose("Pressure", Place(("node", "n1")), Noon, groups));
        Assert.Null(Grouping.Choose("Pressure", Place(("node", "n2")), Noon, groups));
        Assert.Null(Grouping.Choose("Pressure", Place(("cluster", "west"), ("node", "n1")), Noon, groups));
    }

    [Fact]
    public void Choose_Nowhere_JoinsOnlyTheSameAlert()
    {
        AlertGroup[] groups = [Group("A", Noon, Place())];

        Assert.Equal("A", Grouping.Choose("Slow", Place(), Noon, groups));
        Assert.Null(Grouping.Choose("Other", Place(), Noon, groups));
    }

    /// <summary>In whatever order incidents are looked at, the choice is one.</summary>
    [Fact]
    public void Choose_OrderOfIncidents_DoesNotMatter()
    {
        var place = Gen.Select(Gen.OneOf(Values("", "shop", "batch")), Gen.OneOf(Values("", "web", "cart", "store", "disk", "mail")), Gen.OneOf(Values("", "n1")), (ns, service, node) => new AlertPlace("", ns, service, node));
        Gen.Select(place, place.Array[0, 6]).Sample((alert, places) =>
        {
            var groups = places.Select((p, i) => Group($"{(char)('A' + i)}", Noon.AddMinutes(i % 3), p)).ToArray();
            return Grouping.Choose("Slow", alert, Noon, groups) == Grouping.Choose("Slow", alert, Noon, [.. groups.Reverse()]);
        });
    }

    private static Gen<string>[] Values(params string[] values) => [.. values.Select(Gen.Const)];

    private static AlertGroup Group(string incident, DateTimeOffset at, AlertPlace place) => new(incident, at, at, [new("Slow", place)]);

    private static AlertPlace Place(params (string Name, string Value)[] labels) =>
        AlertPlace.Of(labels.ToDictionary(l => l.Name, l => l.Value));
}
