using Copilot.Core.Diagnoses;
using Copilot.Simulator;
using Copilot.Tests.Support;
using NJsonSchema;
using Xunit;

namespace Copilot.Tests.Diagnoses;

public sealed class DiagnosisFormatTests(SimulatedCases cases)
{
    [Theory]
    [InlineData(SimulatedFault.EnvironmentVariable)]
    [InlineData(SimulatedFault.ResourceQuota)]
    [InlineData(null)]
    public async Task Json_OfADiagnosis_FitsTheSchemaAndReadsBack(SimulatedFault? fault)
    {
        var diagnosis = cases.Answer(fault).Diagnosis;
        var schema = await JsonSchema.FromFileAsync(Path.Combine(TestData.RepositoryRoot, "docs", "schemas", "copilot-diagnosis-1.schema.json"), TestContext.Current.CancellationToken);

        var json = DiagnosisJson.Write(diagnosis);

        Assert.Empty(schema.Validate(json));
        Assert.Equal(json, DiagnosisJson.Write(DiagnosisJson.Read(json)));
    }

    [Fact]
    public async Task Schema_UnknownProperty_IsRefused()
    {
        var json = DiagnosisJson.Write(cases.Answer(null).Diagnosis);
        var schema = await JsonSchema.FromFileAsync(Path.Combine(TestData.RepositoryRoot, "docs", "schemas", "copilot-diagnosis-1.schema.json"), TestContext.Current.CancellationToken);

        Assert.NotEmpty(schema.Validate(json.Replace("\"incident\"", "\"incidents\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Json_OfASimulatedIncident_IsAsApproved() =>
        Approved.Check("service-port.json", DiagnosisJson.Write(cases.Answer(SimulatedFault.ServicePort).Diagnosis));

    [Fact]
    public void Markdown_OfASimulatedIncident_IsAsApproved() =>
        Approved.Check("service-port.md", DiagnosisMarkdown.Write(cases.Answer(SimulatedFault.ServicePort).Diagnosis));

    [Fact]
    public void Investigate_Twice_GivesTheSameBytes()
    {
        var directory = cases.Get(SimulatedFault.NetworkPolicy).Directory;

        Assert.Equal(DiagnosisJson.Write(cases.Answer(SimulatedFault.NetworkPolicy).Diagnosis), DiagnosisJson.Write(SimulatedCases.Investigate(directory).Diagnosis));
    }
}
