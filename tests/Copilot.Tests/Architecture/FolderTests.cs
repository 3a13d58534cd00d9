using Xunit;

namespace Copilot.Tests.Architecture;

public sealed class FolderTests
{
    [Fact]
    public void Product_EveryProjectUnderSrc_IsRead() =>
        Assert.Equal(Modules.NamesUnderSrc().Order(StringComparer.Ordinal), Modules.Product.Select(m => m.Assembly.Name.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Product_Folders_ImportOnlyWhatTheirRowsAllow() => Assert.Empty(new FolderTable("Copilot").Breaches(Modules.ProductTypes));

    [Fact]
    public void Table_Permissions_NameRows() => Assert.Empty(FolderTable.Misspelt());

    /// <summary>The same function on types made to break it: each breach is named, and lawful neighbours are not.</summary>
    [Fact]
    public void Fixture_Folders_AreRed() => Assert.Equal(
        [
            "BadFixture.Cli.Verb (Cli) uses BadFixture.Engine.Snapshots.Reader (Engine.Snapshots)",
            "BadFixture.Core.Evidence.Item (Core.Evidence) uses BadFixture.Core.Analysis.Judge (Core.Analysis)",
            "BadFixture.Core.Incidents.Arrives (Core.Incidents) uses BadFixture.Core.Evidence.ItemAttribute (Core.Evidence)",
            "BadFixture.Core.Incidents.Awaits (Core.Incidents) uses BadFixture.Core.Evidence.Item (Core.Evidence)",
            "BadFixture.Core.Incidents.Catches (Core.Incidents) uses BadFixture.Core.Evidence.ItemException (Core.Evidence)",
            "BadFixture.Core.Incidents.Constrains`1 (Core.Incidents) uses BadFixture.Core.Evidence.Kind (Core.Evidence)",
            "BadFixture.Core.Incidents.Lists (Core.Incidents) uses BadFixture.Core.Evidence.Item (Core.Evidence)",
            "BadFixture.Core.Incidents.Yields (Core.Incidents) uses BadFixture.Core.Evidence.Item (Core.Evidence)",
            "BadFixture.Core.Stray lies in Core, which has no row",
            "BadFixture.Core.Unheard.Stray lies in Core.Unheard, which has no row",
            "BadFixture.Engine.Signals.Traces.Spans (Engine.Signals) uses BadFixture.Core.Analysis.Judge (Core.Analysis)",
        ],
        new FolderTable(Modules.Fixture).Breaches(Modules.FixtureTypes));

    [Fact]
    public void Fixture_TypeOutsideTheRoot_IsRed() =>
        Assert.Contains("BadFixture.Core.Stray lies outside Copilot", new FolderTable("Copilot").Breaches(Modules.FixtureTypes));
}
