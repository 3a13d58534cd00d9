using Mono.Cecil;
using Xunit;

namespace Copilot.Tests.Architecture;

public sealed class FolderTests
{
    [Fact]
    public void Product_EveryProjectUnderSrc_IsRead() =>
        Breaches.AreListed(Modules.NamesUnderSrc(), [.. Modules.Product.Select(m => m.Assembly.Name.Name)]);

    [Fact]
    public void Product_Folders_ImportOnlyWhatTheirRowsAllow() => Breaches.AreListed(new FolderTable("Copilot").Breaches(Modules.ProductTypes));

    [Fact]
    public void Table_Permissions_NameRows() => Breaches.AreListed(FolderTable.Misspelt(FolderTable.Rows));

    [Fact]
    public void Table_MisspeltPermission_IsRed() =>
        Assert.Equal(["Cor"], FolderTable.Misspelt(new Dictionary<string, string[]> { ["Core.Evidence"] = [], ["Cli"] = ["Cor", "Core"] }));

    /// <summary>The same function on types made to break it: each breach is named, and lawful neighbours are not.</summary>
    [Fact]
    public void Fixture_Folders_AreRed() => Assert.Equal(
        [
            "BadFixture.Cli.Verb (Cli) uses BadFixture.Engine.Snapshots.Reader (Engine.Snapshots)",
            "BadFixture.Configuration.Options (Configuration) uses BadFixture.UseCases.Investigate (UseCases)",
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
            "BadFixture.UseCases.Wires (UseCases) uses BadFixture.Composition (Program)",
        ],
        new FolderTable(Modules.Fixture).Breaches(Modules.FixtureTypes));

    [Fact]
    public void Fixture_EntryInALibrary_IsRed()
    {
        using var library = ModuleDefinition.CreateModule("Library", ModuleKind.Dll);
        library.Types.Add(new TypeDefinition(Modules.Fixture, "Stray", TypeAttributes.Class, library.TypeSystem.Object));
        Assert.Equal(["BadFixture.Stray lies in Program, which has no row"], new FolderTable(Modules.Fixture).Breaches(library.Types.Skip(1)));
    }

    [Fact]
    public void Fixture_TypeOutsideTheRoot_IsRed() =>
        Assert.Contains("BadFixture.Core.Stray lies outside Copilot", new FolderTable("Copilot").Breaches(Modules.FixtureTypes));
}
