using Copilot.Core.Actions;
using Copilot.Storage.Runbooks;
using Copilot.Tests.Actions;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class RunbookSearchTests
{
    [Theory]
    [InlineData("pods stuck ImagePullBackOff", "bad-image")]
    [InlineData("image pull back off", "bad-image")]
    [InlineData("manifest unknown", "bad-image")]
    [InlineData("connection refused wrong port service selector", "service-routing")]
    [InlineData("no endpoints", "service-routing")]
    [InlineData("node cordoned", "scheduling", "node")]
    [InlineData("NodeNotReady", "node", "network")]
    [InlineData("OOMKilled", "memory", "resource-limits")]
    [InlineData("oom killed", "memory", "resource-limits")]
    [InlineData("memory leaks", "memory")]
    [InlineData("exceeded quota FailedCreate", "quota")]
    [InlineData("no such host", "dns")]
    [InlineData("certificate has expired", "credential")]
    [InlineData("No space left on device", "disk")]
    [InlineData("failed calling webhook", "admission")]
    [InlineData("Liveness probe failed", "probe")]
    [InlineData("Multi-Attach error for volume", "storage")]
    [InlineData("executable file not found in $PATH", "bad-command")]
    [InlineData("Init:CrashLoopBackOff", "init-container")]
    [InlineData("feature flag variant", "feature-flag")]
    [InlineData("consumer lag partition", "queue")]
    [InlineData("too many connections", "datastore")]
    [InlineData("RBAC: access denied", "network-policy", "credential")]
    [InlineData("StressChaos", "chaos-stress")]
    [InlineData("retry storm", "traffic-surge")]
    [InlineData("etcdserver: request timed out", "control-plane")]
    [InlineData("scaled down to 0 replicas", "scaled-to-zero")]
    public void Find_WordsOfAnEngineer_RanksTheRightRunbookFirst(string question, params string[] expected)
    {
        using var search = new RunbookSearch(ShippedRunbooks.Load());

        var hits = search.Find(question).Hits;

        Assert.Contains(hits[0].Runbook.Name, expected);
    }

    [Fact]
    public void Find_OtherFormsOfTheWords_AreFoundByTheirStem()
    {
        using var search = new RunbookSearch(Set(("first", "A pod restarts when probes are failing."), ("second", "Nothing of the kind.")));

        Assert.Equal("first", Assert.Single(search.Find("restarted probe failed").Hits).Runbook.Name);
    }

    [Fact]
    public void Find_AllWordsInOneRunbook_LeavesOutThoseWithSome()
    {
        using var search = new RunbookSearch(Set(("first", "Red apples."), ("second", "Red pears."), ("third", "Green pears.")));

        var both = search.Find("red pears");
        var some = search.Find("red plums");
        var none = search.Find("plums");

        Assert.True(both.AllWords);
        Assert.Equal("second", Assert.Single(both.Hits).Runbook.Name);
        Assert.False(some.AllWords);
        Assert.Equal(["first", "second"], some.Hits.Select(h => h.Runbook.Name).Order());
        Assert.Empty(none.Hits);
    }

    [Fact]
    public void Find_Hit_ShowsTheWordsWhereTheyStand()
    {
        using var search = new RunbookSearch(Set(("first", $"{string.Concat(Enumerable.Repeat("filler ", 200))}the needle here {string.Concat(Enumerable.Repeat("filler ", 200))}")));

        var snippet = Assert.Single(search.Find("needle").Hits).Snippet;

        Assert.Contains("the «needle» here", snippet);
        Assert.True(snippet.Length < 400, snippet);
    }

    [Fact]
    public void Find_WordOfTheName_RanksAboveTheSameWordInATitleOrText()
    {
        using var search = new RunbookSearch(Set(("other", "dns dns dns dns dns dns"), ("dns", "Names.")));

        Assert.Equal(["dns", "other"], search.Find("dns").Hits.Select(h => h.Runbook.Name));
    }

    [Fact]
    public void Find_MoreHitsThanFit_ReturnsTheFirstTen()
    {
        using var search = new RunbookSearch(Set([.. Enumerable.Range(0, 30).Select(i => ($"n{i}", "Same text."))]));

        Assert.Equal(RunbookSearch.MaxHits, search.Find("same").Hits.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"")]
    [InlineData("()*:^-+\"'")]
    [InlineData("\0\uD800\uFFFF")]
    public void Find_NothingToLookFor_FindsNothing(string question)
    {
        using var search = new RunbookSearch(Set(("first", "Text.")));

        Assert.Empty(search.Find(question).Hits);
    }

    [Theory]
    [InlineData("\"unbalanced apples")]
    [InlineData("apples AND")]
    [InlineData("NOT apples")]
    [InlineData("apples OR")]
    [InlineData("title: apples")]
    [InlineData("apples*")]
    [InlineData("NEAR(apples")]
    [InlineData("apples'); drop table runbooks; --")]
    [InlineData("{apples} ^ + -")]
    [InlineData("apples\0")]
    public void Find_Operators_AreWordsLikeOthers(string question)
    {
        using var search = new RunbookSearch(Set(("first", "Red apples."), ("second", "Pears.")));

        Assert.Equal("first", Assert.Single(search.Find(question).Hits).Runbook.Name);
        Assert.Equal("second", Assert.Single(search.Find("pears").Hits).Runbook.Name);
    }

    /// <summary>The same set of runbooks must be found as by looking at each text by hand, whatever stands around the words.</summary>
    [Fact]
    public void Find_AnyQuestion_NeverFailsAndFindsWhatASimpleLookFinds()
    {
        string[] words = ["alder", "birch", "cedar", "dogwood", "elm"];
        var found = 0;
        using var search = new RunbookSearch(Set([.. Enumerable.Range(1, 31).Select(i => ($"n{i}", string.Join(' ', words.Where((_, bit) => (i >> bit & 1) == 1))))]));
        var noise = Gen.OneOf(Gen.OneOf("\"", "(", ")", "*", "^", ":", "-", "+", "{", "}", "'", ";", "\0", "\uD800", "\u202E", "%", "\\", "\n"), Gen.Char['!', '/'].Select(c => c.ToString()));
        var part = Gen.Frequency((3, Gen.OneOf(words)), (2, noise), (1, Gen.Const(" ")));

        part.List[0, 60].Sample(
            parts =>
            {
                // Spaces around each part, so that words stay words.
                var asked = words.Where(parts.Contains).ToList();
                var hits = search.Find(string.Join(' ', parts));

                var expected = asked.Count == 0 ? 0 : 1 << (words.Length - asked.Count);
                Assert.Equal(Math.Min(RunbookSearch.MaxHits, expected), hits.Hits.Count);
                Assert.All(hits.Hits, h => Assert.All(asked, w => Assert.Contains(w, h.Runbook.Body)));
                found += hits.Hits.Count;
            },
            iter: TestCounts.Pick(1_000, 20_000),
            threads: 1);
        Gen.String.Sample(question => search.Find(question), iter: TestCounts.Pick(2_000, 50_000), threads: 1);

        Assert.True(found > 0);
    }

    [Fact]
    public void Find_ManyWords_AreCutAndAnswered()
    {
        using var search = new RunbookSearch(Set(("first", "Red apples.")));

        Assert.Equal("first", Assert.Single(search.Find("apples " + string.Join(' ', Enumerable.Range(0, 20_000))).Hits).Runbook.Name);
        Assert.Empty(search.Find(new string('x', 1 << 20)).Hits);
    }

    private static RunbookSet Set(params (string Name, string Body)[] runbooks) =>
        new([.. runbooks.Select(r => new Runbook(r.Name, "", [], [], [], RunbookRisk.Low, "", [], TimeSpan.FromMinutes(1), r.Body, ""))]);
}
