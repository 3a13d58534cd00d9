using System.Text;
using Copilot.Bench.Cases;
using Copilot.Bench.Truths;
using Copilot.Engine.Yaml;
using Xunit;

namespace Copilot.Tests.Bench.Cases;

public sealed class CaseFileTests
{
    private const string Good = """
        case: v1
        id: a
        question: "What broke?"
        application: "shop"
        causes: []
        provenance: { format: "itbench", source: "somewhere" }
        """;

    private static readonly CaseDescription Full = new(
        "case-1", "Why is \"checkout\" slow:\n\tsince nine?", "shop", "group x", ["no-logs", "yes"],
        new([
            new("cause-1", "network", "delay of 200 ms", [new("Deployment", "shop", ["cart\\b(?!-)"]), new(null, null, ["cart-[a-z]+", "x'y\"z"])]),
            new("cause-2", null, "", [EntityPattern.Exactly("PetSearch_AWS::ECS::Fargate")]),
        ], [new("Service", "shop", ["web$"])], ["the label names a victim"]),
        [new("Deployment", "shop", ["decoy"])], TimeSpan.FromSeconds(90), new("nezha", "rca_data/2023-01-29", "MIT"));

    [Fact]
    public void Write_WhatIsRead_IsTheSame()
    {
        var text = CaseFile.Write(Full);
        var read = CaseFile.Parse("case.yaml", Encoding.UTF8.GetBytes(text));

        Assert.Equal(text, CaseFile.Write(read));
        Assert.Equivalent(Full, read, strict: true);
    }

    [Fact]
    public void Parse_OnlyWhatIsNeeded_TakesTheUsual()
    {
        var read = CaseFile.Parse("case.yaml", Encoding.UTF8.GetBytes(Good));

        Assert.Equal("a", read.Group);
        Assert.Equal(CaseDescription.UsualBudget, read.Budget);
        Assert.Empty(read.Truth.Causes);
    }

    [Theory]
    [InlineData("causes: []", "", "a case has no causes")]
    [InlineData("causes: []", "causes: [{ id: x, names: [] }]", "a cause without a name")]
    [InlineData("causes: []", "causes: [{ id: x, names: [{ filters: [] }] }]", "filters is empty, so nothing fits")]
    [InlineData("causes: []", "causes: [{ id: x, names: [{ filters: [a] }] }, { id: x, names: [{ filters: [b] }] }]", "two causes have the id x")]
    [InlineData("causes: []", "causes: [{ id: x, mechanism: magic, names: [{ filters: [a] }] }]", "mechanism is magic")]
    [InlineData("id: a", "id: a/b", "id a/b is no name")]
    [InlineData("case: v1", "case: v2", "case is v2")]
    [InlineData("causes: []", "causes: []\nbudget: 2h", "budget is longer than an hour")]
    [InlineData("causes: []", "causes: []\nanswer: x", "answer is no key of a case")]
    public void Parse_Faulty_SaysWhatAndWhere(string good, string bad, string says)
    {
        var fault = Assert.Throws<FileFaultException>(() => CaseFile.Parse("case.yaml", Encoding.UTF8.GetBytes(Good.Replace(good, bad))));

        Assert.Contains(fault.Faults, f => f.StartsWith("case.yaml:", StringComparison.Ordinal) && f.Contains(says, StringComparison.Ordinal));
    }
}
