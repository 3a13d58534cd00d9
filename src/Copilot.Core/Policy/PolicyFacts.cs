using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.Core.Policy;

/// <summary>The object that would be acted upon.</summary>
/// <param name="Labels">All its labels: one that is not here is known to be absent. Null when they are not known.</param>
public sealed record PolicyTarget(string? Namespace = null, string? Kind = null, string? Name = null, IReadOnlyDictionary<string, string>? Labels = null);

/// <summary>How much an action reaches.</summary>
public sealed record PolicyBlastRadius(int? Services = null, int? Replicas = null);

/// <summary>What the action rests on.</summary>
/// <param name="Confidence">0 to 1.</param>
/// <param name="FreshestSeconds">The age of the youngest evidence.</param>
public sealed record PolicyEvidence(decimal? Confidence = null, int? IndependentSources = null, int? FreshestSeconds = null);

/// <summary>What a read may take at most. It is held to what it states here.</summary>
/// <param name="Source">One of <see cref="Sources"/>.</param>
/// <param name="Tenant">Whose data it is, where a source keeps several apart.</param>
/// <param name="RangeSeconds">How much time the records span.</param>
/// <param name="Mebibytes">What the source has to read for it, rounded up: its cost.</param>
public sealed record PolicyRead(string? Source = null, string? Tenant = null, int? Rows = null, int? RangeSeconds = null, int? Mebibytes = null)
{
    public static IReadOnlyList<string> Sources { get; } = [.. Enum.GetValues<EvidenceSource>().Select(NameOf)];

    public static string NameOf(EvidenceSource source) => source.ToString().ToLowerInvariant();
}

/// <summary>What is known about an action when it is decided. Null is unknown, and what is not known never opens anything.</summary>
public sealed record PolicyFacts
{
    public ActionKind? Kind { get; init; }

    public string? Environment { get; init; }

    public string? Severity { get; init; }

    public string? Cluster { get; init; }

    public PolicyTarget Target { get; init; } = new();

    public PolicyBlastRadius BlastRadius { get; init; } = new();

    public PolicyEvidence Evidence { get; init; } = new();

    public ActorKind? Requester { get; init; }

    public PolicyRead Read { get; init; } = new();

    /// <summary>Of a change of the copilot itself: whether something is allowed, or asked of fewer people, that was not before.</summary>
    public bool? Loosens { get; init; }

    public DateTimeOffset? Now { get; init; }

    /// <summary>
    /// Which calendars were closed, as an earlier decision recorded it: what is here is taken before <see cref="Now"/>, so that a replay does not hang on the
    /// rules of time zones, which change. Empty for a new decision.
    /// </summary>
    public IReadOnlyDictionary<string, bool> Calendars { get; init; } = new Dictionary<string, bool>();

    /// <summary>Facts that nothing but a model's word supports. They count as unknown.</summary>
    public IReadOnlyCollection<PolicyFact> StatedByModel { get; init; } = [];

    /// <summary>The facts for a receipt: what is unknown is left out. <see cref="FromMap"/> reads it back.</summary>
    public IReadOnlyDictionary<string, string> ToMap() => PolicyFactsMap.Write(this);

    /// <summary>Throws <see cref="FormatException"/>, naming the entry, when the map is not one that <see cref="ToMap"/> makes.</summary>
    public static PolicyFacts FromMap(IReadOnlyDictionary<string, string> map) => PolicyFactsMap.Read(map);
}
