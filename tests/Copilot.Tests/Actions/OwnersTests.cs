using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Xunit;

namespace Copilot.Tests.Actions;

public sealed class OwnersTests
{
    private static readonly EntityRef Checkout = new("shop-eu", "Deployment", "checkout-api");
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public void Of_RuleMatches_ComesBeforeWhatStandsOnTheObject()
    {
        var owner = Owners.Of(Checkout, new Dictionary<string, string> { ["team"] = "labelled" }, Nothing, Nothing, Nothing, [new("shop-*/Deployment/checkout*", "team-checkout", "#team-checkout", 3)]);

        Assert.Equal(new Owner("team-checkout", "#team-checkout", "the owners file, line 3: shop-*/Deployment/checkout*"), owner);
    }

    [Theory]
    [InlineData("*/*/*", "shop-eu/Deployment/checkout*", "second")] // the more specific
    [InlineData("shop-eu/*/checkout*", "*/Deployment/checkout-*", "second")]
    [InlineData("shop-eu/*/*", "*-*/*/check", "first")] // the other does not match
    [InlineData("shop-*/*/*", "*-eu/*/*i", "first")] // as specific: the order of the file
    public void Of_SeveralRules_TakesTheMostSpecificThenTheFirst(string first, string second, string expected) =>
        Assert.Equal(expected, Owners.Of(Checkout, Nothing, Nothing, Nothing, Nothing, [new(first, "first", "", 3), new(second, "second", "", 5)]).Name);

    [Theory]
    [InlineData("shop-*/Deployment/checkout*", true)]
    [InlineData("*/*/*", true)]
    [InlineData("*/Deployment/*-*", true)]
    [InlineData("shop-eu/Deployment/checkout-api", true)]
    [InlineData("shop-eu/Deployment/checkout-api**", true)]
    [InlineData("*", false)] // a star never crosses a slash
    [InlineData("shop-*", false)]
    [InlineData("shop-*api", false)]
    [InlineData("*/checkout-api", false)]
    [InlineData("*/*/*/*", false)]
    [InlineData("shop-*/StatefulSet/*", false)]
    [InlineData("SHOP-EU/Deployment/checkout-api", false)]
    [InlineData("*/Deployment/check", false)]
    [InlineData("", false)]
    public void Matches_ByPattern(string pattern, bool covers) => Assert.Equal(covers, Glob.IsMatch(pattern, Checkout.ToString()));

    [Theory]
    [InlineData("a8r.io/owner", "a8r.io/chat")]
    [InlineData("acme.example.com/team", "acme.example.com/slack-channel")]
    [InlineData("Owner", "contact")]
    [InlineData("owned-by", "oncall")]
    public void Of_Conventions_AreReadFromAnnotationsAndLabels(string name, string contact)
    {
        var written = new Dictionary<string, string> { [name] = "team-a", [contact] = "#team-a" };

        Assert.Equal(new Owner("team-a", "#team-a", $"the annotation {name} of shop-eu/Deployment/checkout-api"), Owners.Of(Checkout, Nothing, written, Nothing, Nothing, []));
        Assert.Equal(new Owner("team-a", "#team-a", $"the label {name} of shop-eu/Deployment/checkout-api"), Owners.Of(Checkout, written, Nothing, Nothing, Nothing, []));
        Assert.Equal(new Owner("team-a", "#team-a", $"the label {name} of namespace shop-eu"), Owners.Of(Checkout, Nothing, Nothing, written, Nothing, []));
    }

    [Fact]
    public void Of_ObjectAndNamespace_TheObjectCountsAndContactsAreNotMixed()
    {
        var owner = Owners.Of(Checkout, new Dictionary<string, string> { ["team"] = "team-a" }, Nothing, new Dictionary<string, string> { ["team"] = "team-b", ["contact"] = "#team-b" }, Nothing, []);

        Assert.Equal(("team-a", ""), (owner.Name, owner.Contact));
    }

    [Theory]
    [InlineData("olm.owner")]
    [InlineData("example.com/owner-hash")]
    [InlineData("teams")]
    [InlineData("a8r.io/runbook")]
    public void Of_OtherKeys_NameNobody(string key) =>
        Assert.Equal(new Owner(Owners.Unknown, "", ""), Owners.Of(Checkout, new Dictionary<string, string> { [key] = "x" }, new Dictionary<string, string> { [key] = "x" }, Nothing, Nothing, []));

    [Fact]
    public void Of_ReleaseOfHelm_IsNotOwnedByHelm() =>
        Assert.Equal(Owners.Unknown, Owners.Of(new("shop", "Secret", "sh.helm.release.v1.shop.v1"), new Dictionary<string, string> { ["owner"] = "helm" }, Nothing, Nothing, Nothing, []).Name);

    [Fact]
    public void Of_ValuesFromOutside_AreCleanedAndCut()
    {
        var owner = Owners.Of(Checkout, Nothing, new Dictionary<string, string> { ["owner"] = "team\u001b[31m-a\u202e\nx", ["contact"] = new string('c', 500) }, Nothing, Nothing, []);

        Assert.Equal("team [31m-a x", owner.Name);
        Assert.Equal(120, owner.Contact.Length);
    }

    [Fact]
    public void Of_WorstPattern_EndsInTimeOfTheProduct() =>
        Assert.False(Glob.IsMatch(string.Concat(Enumerable.Repeat("a*", 2000)) + "b", new string('a', 20_000)));
}
