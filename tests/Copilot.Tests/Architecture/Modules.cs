using Copilot.Tests.Support;
using Mono.Cecil;

namespace Copilot.Tests.Architecture;

/// <summary>The compiled assemblies that the rules read: the product's own, and this one for the fixtures that break each rule.</summary>
internal static class Modules
{
    public const string Fixture = "BadFixture";

    public static ModuleDefinition Core { get; } = Read("Copilot.Core");

    public static ModuleDefinition Engine { get; } = Read("Copilot.Engine");

    public static IReadOnlyList<ModuleDefinition> Product { get; } = [Core, Engine, Read("Copilot.Simulator"), Read("Copilot.Bench"), Read("copilot"), Read("copilot-executor")];

    public static ModuleDefinition Tests { get; } = Read("Copilot.Tests");

    public static IEnumerable<TypeDefinition> ProductTypes => Product.SelectMany(m => m.GetTypes());

    public static IEnumerable<TypeDefinition> FixtureTypes =>
        Tests.GetTypes().Where(t => t.Outermost().Namespace.Split('.')[0] == Fixture);

    /// <summary>The assemblies that the projects under <c>src</c> build, so that none is forgotten above.</summary>
    public static IEnumerable<string> NamesUnderSrc() =>
        from project in Directory.GetFiles(Path.Combine(TestData.RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories)
        select System.Xml.Linq.XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value
            ?? Path.GetFileNameWithoutExtension(project);

    private static ModuleDefinition Read(string assembly) => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
}
