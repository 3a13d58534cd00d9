using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Storage.Runbooks;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Support;

/// <summary>Investigates a snapshot with the shipped runbooks and policy and a log in memory.</summary>
internal static class Investigating
{
    public const string Incident = "01JTESTJTESTJTESTJTESTJTES";

    public static InvestigationRules Rules { get; } = new(
        RunbookLoader.Load(Path.Combine(TestData.RepositoryRoot, "runbooks"), RunbookSource.Mechanisms), [],
        PolicyLoader.Parse("policies/default.yaml", StrictYaml.ReadBytes(Path.Combine(TestData.RepositoryRoot, "policies", "default.yaml"))).Document, Environment: null, Severity: null, Cluster: "", new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static Investigation Run(string directory) => Run(Open(directory));

    public static Investigation Run(Snapshot snapshot, int parallelism = 2) => Run(snapshot, new MemoryRecorder(), Rules, parallelism);

    public static Investigation Run(Snapshot snapshot, MemoryRecorder recorder, InvestigationRules rules, int parallelism = 2) =>
        InvestigationPipeline.Run(snapshot, new RecordedReads(recorder, Incident, "01JRVNRVNRVNRVNRVNRVNRVNRV", onBehalfOf: null), rules, parallelism, advanced: null, TestContext.Current.CancellationToken);

    public static Snapshot Open(string directory) => Assert.IsType<OpenedSnapshot.Ready>(Snapshot.Open(directory)).Snapshot;
}
