using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Tests.Analysis;

/// <summary>Signals made by hand: what a test does not name is not there.</summary>
internal static class SmallSignals
{
    public const int Steps = 40;

    /// <summary>The step at which things change.</summary>
    public const int Split = 20;

    public static readonly DateTimeOffset Start = new(2026, 4, 1, 10, 0, 0, TimeSpan.Zero);

    /// <param name="reference">How many of its steps belong to the recording of normal behaviour.</param>
    public static SignalSet Empty(int reference = 0)
    {
        var grid = new TimeGrid(Start, TimeSpan.FromSeconds(30), Steps) { Reference = reference };
        return new(new(grid.Start, grid.End), grid, ClusterState.Empty, [], [], [], AlertHistory.Empty, [], [], [], [], [], [], []);
    }

    public static double[] Series(Func<int, double> value) => [.. Enumerable.Range(0, Steps).Select(value)];

    /// <summary>A level before the change and one after it, which vary a little.</summary>
    public static double[] Level(double before, double after) => Series(i => (i < Split ? before : after) * (1 + (0.01 * (i % 3))));

    public static Sighting[] Sightings(string file) => [.. Enumerable.Range(0, Steps).Select(i => At(file, i))];

    public static Sighting At(string file, int step) => new(new RecordAddress(file, step + 1), Start.AddSeconds(30 * step));

    public static ServiceTraffic Service(string name, double[] meanMs, double[] errors) =>
        new(name, null, EvidenceSource.Metrics, Series(_ => 100), errors, errors, meanMs, Series(_ => double.NaN), new Sighting[Steps], new Sighting[Steps]) { MeanMs = meanMs };

    /// <summary>Calls to a callee without spans of its own, 100 a step.</summary>
    /// <param name="message">What the caller says when one breaks.</param>
    public static CallTraffic Call(string caller, string callee, double[] latencyMs, double[] unanswered, string message = "") =>
        new(caller, callee, false, Series(_ => 100), unanswered, unanswered, latencyMs, Series(_ => double.NaN), Sightings("traces.tsv"), Sightings("traces.tsv"), message.Length == 0 ? [] : [new(message, unanswered, new("traces.tsv", 1))]);

    public static Onset Onset(int step = Split) => new(At("", step).At, At("", step).At, At("", step + 1).At, 50);

    public static Symptom Symptom(SymptomKind kind, string component, string caller = "", double weight = 1) => new(kind, component, caller, null, null, weight, "it got worse", []);

    /// <summary>Found at a time that cannot be known, unless a test dates it.</summary>
    public static Finding Finding(string name, Mechanism mechanism, Reach reach, Prior prior = Prior.Change) =>
        new(FindingCode.OtherChanged, new("shop", "ConfigMap", name), mechanism, null, TimeSpan.Zero, prior, reach, [], [], "changed", "") { TimeIsUnknowable = true };

    public static EntityRef Deployment(string name) => new("shop", "Deployment", name);

    public static Workload Workload(string name, params EntityRef[] reads) =>
        new(Header(Deployment(name), "objects.tsv"), 1, 1, new Dictionary<string, string> { ["app"] = name }, [], reads);

    /// <summary>The one pod of a workload, as it was at the end; ready unless a test gives it other conditions.</summary>
    public static Pod Pod(string workload, string node = "n1", string phase = "Running", params ContainerState[] containers) =>
        new(Header(new("shop", "Pod", workload + "-1"), "objects.tsv"), Deployment(workload), node, "", phase, "", [new("Ready", "True", "", "", null)], containers, []);

    /// <summary>It selects the pods that are labelled with its name.</summary>
    public static KubeService KubeService(string name) =>
        new(Header(new("shop", "Service", name), "objects.tsv"), "ClusterIP", "", new Dictionary<string, string> { ["app"] = name }, [], 1, 0, null);

    public static Node Node(string name, params Condition[] conditions) => new(Header(EntityRef.ClusterScoped("Node", name), "objects.tsv"), false, conditions, []);

    public static ObjectHeader Header(EntityRef entity, string file) =>
        new(entity, "", Start.AddDays(-1), Start, Start.AddMinutes(20), new Dictionary<string, string>(), new Dictionary<string, string>(), "", "", null, new(file, 1));

    public static AnalysisContext Context(SignalSet signals, params Symptom[] symptoms) => new(signals, new(signals), Onset(), symptoms, []);
}
