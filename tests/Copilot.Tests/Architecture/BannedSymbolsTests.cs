using System.Reflection;
using System.Xml.Linq;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Architecture;

/// <summary>The ban list of Core works only if the project hands it to the analyzer and the analyzer's word is an error.</summary>
public sealed class BannedSymbolsTests
{
    private const string Wired = """
        <Project><ItemGroup>
          <PackageReference Include="Microsoft.CodeAnalysis.BannedApiAnalyzers" PrivateAssets="all" />
          <AdditionalFiles Include="BannedSymbols.txt" />
        </ItemGroup></Project>
        """;

    private const string Severe = "[*.cs]\ndotnet_diagnostic.RS0030.severity = error\n";

    private static readonly string Core = Path.Combine(TestData.RepositoryRoot, "src", "Copilot.Core");

    [Fact]
    public void Core_BanList_IsWired()
    {
        var sources = Directory.GetFiles(Core, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);
        var editorConfig = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, ".editorconfig"));
        Assert.Empty(Faults(File.ReadAllText(Path.Combine(Core, "Copilot.Core.csproj")), editorConfig, sources));
    }

    [Theory]
    [InlineData("BannedApiAnalyzers", "OtherAnalyzers", "analyzer missing")]
    [InlineData("AdditionalFiles", "None", "list not handed over")]
    [InlineData("PrivateAssets=\"all\"", "", "package Microsoft.CodeAnalysis.BannedApiAnalyzers")]
    [InlineData("<AdditionalFiles", "<ProjectReference Include=\"x.csproj\" /><AdditionalFiles", "project reference")]
    [InlineData("<ItemGroup>", "<PropertyGroup><NoWarn>RS0030</NoWarn></PropertyGroup><ItemGroup>", "NoWarn")]
    [InlineData("<ItemGroup>", "<PropertyGroup><RunAnalyzers>false</RunAnalyzers></PropertyGroup><ItemGroup>", "analyzers off")]
    public void Faults_ProjectNotWired_AreRed(string part, string instead, string expected)
    {
        Assert.Empty(Faults(Wired, Severe, []));
        Assert.Contains(expected, Faults(Wired.Replace(part, instead, StringComparison.Ordinal), Severe, []));
    }

    [Fact]
    public void Faults_NotAnErrorOrSuppressed_AreRed()
    {
        Assert.Equal(["not an error"], Faults(Wired, Severe.Replace("error", "warning", StringComparison.Ordinal), []));
        Assert.Equal(["not an error"], Faults(Wired, Severe + "[Core/**.cs]\ndotnet_diagnostic.RS0030.severity = none\n", []));
        Assert.Equal(["suppressed in source"], Faults(Wired, Severe, ["#pragma warning disable RS0030\n"]));
    }

    /// <summary>The analyzer passes over a misspelt line in silence.</summary>
    [Fact]
    public void Core_BannedSymbols_AllExist()
    {
        var lines = File.ReadAllLines(Path.Combine(Core, "BannedSymbols.txt")).Where(l => l.Length > 0).ToList();
        Assert.All(lines, l => Assert.True(Exists(l), l));
        Assert.Contains(lines, l => l.StartsWith("P:System.DateTime.UtcNow;", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("N:System.Nett;x")]
    [InlineData("T:System.IO.Fiel;x")]
    [InlineData("P:System.DateTime.UtcNew;x")]
    [InlineData("M:System.Guid.NewGuide;x")]
    [InlineData("T:System.IO.File")]
    public void Exists_MisspeltOrWithoutReason_IsRed(string line) => Assert.False(Exists(line));

    private static IEnumerable<string> Faults(string project, string editorConfig, IEnumerable<string> sources)
    {
        var xml = XDocument.Parse(project);
        var packages = xml.Descendants("PackageReference").ToList();
        if (!packages.Any(p => Include(p) == "Microsoft.CodeAnalysis.BannedApiAnalyzers")) yield return "analyzer missing";
        foreach (var package in packages.Where(p => p.Attribute("PrivateAssets")?.Value != "all")) yield return $"package {Include(package)}";
        if (!xml.Descendants("AdditionalFiles").Any(f => Include(f) == "BannedSymbols.txt")) yield return "list not handed over";
        if (xml.Descendants("ProjectReference").Any()) yield return "project reference";
        if (xml.Descendants("NoWarn").Any(n => n.Value.Contains("RS0030", StringComparison.Ordinal))) yield return "NoWarn";
        if (xml.Descendants().Any(e => e.Name.LocalName.StartsWith("RunAnalyzers", StringComparison.Ordinal))) yield return "analyzers off";
        var severities = editorConfig.Split('\n').Where(l => l.Contains("RS0030", StringComparison.Ordinal))
            .Select(l => l.Split('=', '#')[1].Trim()).ToList();
        if (severities is [] || severities.Any(s => s != "error")) yield return "not an error";
        if (sources.Any(s => s.Contains("RS0030", StringComparison.Ordinal))) yield return "suppressed in source";
    }

    private static string? Include(XElement item) => item.Attribute("Include")?.Value;

    private static bool Exists(string line)
    {
        if (line.Split(';', 2) is not [var symbol, { Length: > 0 }]) return false;
        var name = symbol[2..];
        var (owner, member) = (name[..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
        return symbol[0] switch
        {
            'N' => Framework().Any(t => t.Namespace == name),
            'T' => Framework().Any(t => t.FullName == name),
            'P' => Framework().FirstOrDefault(t => t.FullName == owner)?.GetProperty(member) is not null,
            'M' => Framework().FirstOrDefault(t => t.FullName == owner)?.GetMethod(member, []) is not null,
            _ => false,
        };
    }

    private static IEnumerable<Type> Framework() =>
        new[] { "System.Private.CoreLib", "System.Net.Http", "System.Net.Sockets", "System.Console", "System.Diagnostics.Process" }
            .SelectMany(name => Assembly.Load(name).GetExportedTypes());
}
