using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>What a cause can act on: components by their own behaviour, calls into them, calls out of them, and pods of workloads.</summary>
/// <param name="Inside">Components whose own behaviour it changes.</param>
/// <param name="Into">Components that it makes unreachable or slow to reach.</param>
/// <param name="OutOf">Components whose calls to others it breaks.</param>
/// <param name="Peers">Of those calls only the ones to these components; empty for all.</param>
/// <param name="Pods">Workloads whose pods it keeps from running.</param>
/// <param name="Sources">Components whose request rate it raises.</param>
public sealed record Reach(
    IReadOnlyCollection<string> Inside,
    IReadOnlyCollection<string> Into,
    IReadOnlyCollection<string> OutOf,
    IReadOnlyCollection<string> Peers,
    IReadOnlyCollection<EntityRef> Pods,
    IReadOnlyCollection<string> Sources)
{
    /// <summary>Callees that a changed setting names: it changes how they are called, so that they may fail what they are asked.</summary>
    public IReadOnlyCollection<string> Named { get; init; } = [];

    /// <summary>Workloads whose pods do not run, as the cluster itself says, for this very reason.</summary>
    public IReadOnlyCollection<EntityRef> Stated { get; init; } = [];

    /// <summary>Whoever calls the components inside: they may be unable to use what those answer now.</summary>
    public IReadOnlyCollection<string> Consumers { get; init; } = [];

    /// <summary>What a surging source of requests reaches through calls, itself left out.</summary>
    public IReadOnlyCollection<string> Flooded { get; init; } = [];

    /// <summary>All of a workload: its behaviour, the calls into and out of it, its pods.</summary>
    public static Reach Of(IReadOnlyCollection<string> components, IReadOnlyCollection<EntityRef> workloads) => new(components, components, components, [], workloads, components);
}

/// <summary>Evidence that speaks for or against a finding beyond its reach and time.</summary>
/// <param name="LogOdds">How much more likely it is when the finding is the cause than when it is not, in nats; negative when it speaks against.</param>
public sealed record Support(double LogOdds, string Says, IReadOnlyList<Citation> Evidence)
{
    public Support(double logOdds, string says)
        : this(logOdds, says, [])
    {
    }
}

/// <summary>Something that could have started the incident: an intervention or a failure, with all that speaks for it.</summary>
/// <param name="Entity">The most specific object that introduced it.</param>
/// <param name="At">When; null when that is not known.</param>
/// <param name="Uncertainty">How far the true time may lie before <paramref name="At"/>.</param>
/// <param name="Prior">What kind of thing it is, by how likely such a thing is to start an incident.</param>
/// <param name="Says">What happened, in a sentence.</param>
/// <param name="Refute">What would show that it is not the cause.</param>
public sealed record Finding(
    FindingCode Code,
    EntityRef Entity,
    Mechanism Mechanism,
    DateTimeOffset? At,
    TimeSpan Uncertainty,
    Prior Prior,
    Reach Reach,
    IReadOnlyList<Citation> Evidence,
    IReadOnlyList<Support> Support,
    string Says,
    string Refute)
{
    /// <summary>Nothing of this kind is ever dated, so that a missing time does not speak against it.</summary>
    public bool TimeIsUnknowable { get; init; }

    /// <summary>The name of the analyzer that found it.</summary>
    public string FoundBy { get; init; } = "";
}

/// <summary>What analyzers work with.</summary>
public sealed record AnalysisContext(SignalSet Signals, ServiceMap Map, Onset? Onset, IReadOnlyList<Symptom> Symptoms, IReadOnlyList<Saturation> Saturated)
{
    /// <summary>From when on an event can belong to the incident.</summary>
    public DateTimeOffset Since => Onset is null ? DateTimeOffset.MinValue : Onset.Earliest - TimeSpan.FromMinutes(15);

    /// <summary>Of some components the one to watch: one that is in trouble, else the first.</summary>
    public string? Suffering(IReadOnlyCollection<string> components) =>
        Symptoms.Where(s => s.Kind != SymptomKind.Surge).SelectMany(s => new[] { s.Component, s.Caller }).FirstOrDefault(components.Contains) ?? components.FirstOrDefault();

    /// <summary>
    /// What it means for "it failed by itself" that something was not recorded. A change that nobody could see is as likely as any, and shows where it acts;
    /// what is behind it stays open (<see cref="Diagnoses.DiagnosisStatus.Ambiguous"/>). Of experiments and refusals, which act elsewhere, events would tell.
    /// </summary>
    public IEnumerable<Support> CouldNotLook()
    {
        if (Signals.StateOf(EvidenceSource.Objects) is SourceState.NotRecorded or SourceState.Empty) yield return new(2.5, "changes were not recorded: one to it would show in this alone");
        else if (Signals.StateOf(EvidenceSource.Events) is SourceState.NotRecorded) yield return new(-0.5, "no events were recorded, so an experiment or a refusal would not be seen");
    }

    /// <summary>Texts of failed calls and log lines that are new or more frequent since the onset, with where they stand.</summary>
    public IReadOnlyList<(string Component, string Text, Citation Evidence)> NewTexts { get; } = NovelTexts.Find(Signals, Map, Onset);
}
