using System.Text;
using Copilot.Bench.Fitting;
using Copilot.Core.Analysis;
using Copilot.Engine.Parameters;
using Copilot.Engine.Yaml;
using Xunit;

namespace Copilot.Tests.Parameters;

public sealed class ParameterFileTests
{
    private static readonly string Whole = Encoding.UTF8.GetString(new ParameterFile("a test", AnalysisParameters.HandSet).Write());

    [Fact]
    public void Parse_WhatWasWritten_IsTheSame()
    {
        var parameters = AnalysisParameters.HandSet with { Background = 0.0123, MostCauses = 3, Priors = AnalysisParameters.HandSet.Priors with { Chaos = 0.25 }, Confidence = ConfidenceMap.Raw with { Slope = 0.5, Inferred = -1.5 } };
        Assert.Equal(new("here", parameters), ParameterFile.Parse("p.json", new ParameterFile("here", parameters).Write()));
    }

    [Fact]
    public void Shipped_Parameters_CanBeUsedAndSayWhereTheyComeFrom() => Assert.NotEmpty(ParameterFile.Shipped.Origin);

    /// <summary>Whatever the search may come to can be read back.</summary>
    [Fact]
    public void Parse_EachTunableAtItsBounds_IsTaken() => Assert.All(Tunables.All, t => Assert.All(new[] { t.Low, t.High }, value =>
    {
        var parameters = t.With(AnalysisParameters.HandSet, value);
        Assert.Equal(value, t.Get(parameters));
        Assert.Equal(parameters, ParameterFile.Parse("p.json", new ParameterFile("bounds", parameters).Write()).Parameters);
    }));

    [Theory]
    [InlineData("\"explains\": 0.3,", "", "explains")]
    [InlineData("\"explains\"", "\"explians\"", "explians")]
    [InlineData("\"explains\": 0.3,", "\"explains\": 0.3, \"explains\": 0.4,", "explains")]
    [InlineData("\"explains\": 0.3", "\"explains\": 1.5", "explains is 1.5 and must be from 0.0001 to 1")]
    [InlineData("\"background\": 0.02", "\"background\": 0", "background is 0")]
    [InlineData("\"background\": 0.02", "\"background\": \"0.02\"", "background")]
    [InlineData("\"background\": 0.02", "\"background\": null", "background")]
    [InlineData("\"background\": 0.02", "\"background\": NaN", "cannot be used")]
    [InlineData("\"slope\": 1", "\"slope\": -1", "confidence.slope is -1")]
    [InlineData("\"harmless\": -8", "\"harmless\": -80", "priors.harmless is -80")]
    [InlineData("\"mostCauses\": 4", "\"mostCauses\": 2.5", "mostCauses")]
    [InlineData("copilot-parameters/1", "copilot-parameters/2", "copilot-parameters/2")]
    [InlineData("\"origin\": \"a test\"", "\"origin\": null", "cannot be used")]
    [InlineData("\"origin\": \"a test\",", "", "origin")]
    [InlineData("}\n}", "}\n} }", "cannot be used")]
    public void Parse_DamagedFile_IsRefusedWithTheReason(string from, string to, string says)
    {
        var damaged = Whole.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Whole, damaged);

        var fault = Assert.Throws<FileFaultException>(() => ParameterFile.Parse("p.json", Encoding.UTF8.GetBytes(damaged)));

        Assert.StartsWith("p.json ", fault.Message);
        Assert.Contains(says, fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Parse_SomethingElse_IsRefused(string text) => Assert.Throws<FileFaultException>(() => ParameterFile.Parse("p.json", Encoding.UTF8.GetBytes(text)));
}
