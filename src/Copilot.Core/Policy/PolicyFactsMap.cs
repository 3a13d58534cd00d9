using System.Globalization;
using Copilot.Core.Actions;
using Copilot.Core.Receipts;

namespace Copilot.Core.Policy;

/// <summary>Facts as a flat map of texts, which any receipt can hold and any language can read.</summary>
internal static class PolicyFactsMap
{
    private const string Labels = "target.labels";
    private const string LabelPrefix = Labels + ".";
    private const string CalendarPrefix = "calendar.";
    private const string StatedByModel = "stated_by_model";
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public static SortedDictionary<string, string> Write(PolicyFacts facts)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var fact in Enum.GetValues<PolicyFact>())
            if (fact != PolicyFact.TargetLabels && Text(facts, fact) is { } text) map[PolicyFactNames.Name(fact)] = text;
        if (facts.Target.Labels is { } labels)
        {
            // Their number tells "none" from "not known".
            map[Labels] = Number(labels.Count);
            foreach (var (key, value) in labels) map[LabelPrefix + key] = value;
        }
        foreach (var (name, closed) in facts.Calendars) map[CalendarPrefix + name] = closed ? "closed" : "open";
        if (facts.StatedByModel.Count > 0) map[StatedByModel] = string.Join(' ', facts.StatedByModel.Distinct().Order().Select(PolicyFactNames.Name));
        return map;
    }

    public static PolicyFacts Read(IReadOnlyDictionary<string, string> map)
    {
        foreach (var key in map.Keys)
            if (PolicyFactNames.Find(key) is null && key != StatedByModel && !key.StartsWith(LabelPrefix, StringComparison.Ordinal) && !key.StartsWith(CalendarPrefix, StringComparison.Ordinal))
                throw new FormatException($"{key} is no fact.");
        return new()
        {
            Kind = Get(map, PolicyFact.Kind) is { } kind ? ActionKind.Find(kind) ?? throw Wrong("kind", kind) : null,
            Environment = Get(map, PolicyFact.Environment),
            Severity = Get(map, PolicyFact.Severity),
            Cluster = Get(map, PolicyFact.Cluster),
            Target = new(Get(map, PolicyFact.TargetNamespace), Get(map, PolicyFact.TargetKind), Get(map, PolicyFact.TargetName), ReadLabels(map)),
            BlastRadius = new(ReadInteger(map, PolicyFact.Services), ReadInteger(map, PolicyFact.Replicas)),
            Evidence = new(ReadDecimal(map, PolicyFact.Confidence), ReadInteger(map, PolicyFact.IndependentSources), ReadInteger(map, PolicyFact.Freshest)),
            Requester = Get(map, PolicyFact.Requester) switch { null => null, "human" => ActorKind.Human, "agent" => ActorKind.Agent, "service" => ActorKind.Service, var other => throw Wrong("requester", other) },
            Read = new(Get(map, PolicyFact.ReadSource) is { } source ? PolicyRead.Sources.Contains(source) ? source : throw Wrong("read.source", source) : null, Get(map, PolicyFact.ReadTenant),
                ReadInteger(map, PolicyFact.ReadRows), ReadInteger(map, PolicyFact.ReadRange), ReadInteger(map, PolicyFact.ReadSize)),
            Loosens = Get(map, PolicyFact.Loosens) switch { null => null, "yes" => true, "no" => false, var other => throw Wrong("change.loosens", other) },
            Now = Get(map, PolicyFact.Now) is { } now ? ReadTime(now) : null,
            Calendars = map.Where(e => e.Key.StartsWith(CalendarPrefix, StringComparison.Ordinal))
                .ToDictionary(e => e.Key[CalendarPrefix.Length..], e => e.Value switch { "closed" => true, "open" => false, _ => throw Wrong(e.Key, e.Value) }, StringComparer.Ordinal),
            StatedByModel = map.TryGetValue(StatedByModel, out var stated) ? [.. stated.Split(' ').Select(n => PolicyFactNames.Find(n) ?? throw Wrong(StatedByModel, n))] : [],
        };
    }

    /// <summary>The value of a fact in the words of receipts; null when it is unknown. Labels have no single value.</summary>
    public static string? Text(PolicyFacts facts, PolicyFact fact) => fact switch
    {
        PolicyFact.Kind => facts.Kind?.Name,
        PolicyFact.Environment => facts.Environment,
        PolicyFact.Severity => facts.Severity,
        PolicyFact.Cluster => facts.Cluster,
        PolicyFact.TargetNamespace => facts.Target.Namespace,
        PolicyFact.TargetKind => facts.Target.Kind,
        PolicyFact.TargetName => facts.Target.Name,
        PolicyFact.Services => Number(facts.BlastRadius.Services),
        PolicyFact.Replicas => Number(facts.BlastRadius.Replicas),
        PolicyFact.Confidence => Number(facts.Evidence.Confidence),
        PolicyFact.IndependentSources => Number(facts.Evidence.IndependentSources),
        PolicyFact.Freshest => Number(facts.Evidence.FreshestSeconds),
        PolicyFact.Requester => facts.Requester?.ToString().ToLowerInvariant(),
        PolicyFact.ReadSource => facts.Read.Source,
        PolicyFact.ReadTenant => facts.Read.Tenant,
        PolicyFact.ReadRows => Number(facts.Read.Rows),
        PolicyFact.ReadRange => Number(facts.Read.RangeSeconds),
        PolicyFact.ReadSize => Number(facts.Read.Mebibytes),
        PolicyFact.Loosens => facts.Loosens switch { null => null, true => "yes", _ => "no" },
        PolicyFact.Now => facts.Now?.ToUniversalTime().ToString(Time, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Without trailing zeros, so that equal numbers are equal texts.</summary>
    public static string? Number(decimal? value) => value?.ToString("0.############################", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string? Get(IReadOnlyDictionary<string, string> map, PolicyFact fact) => map.GetValueOrDefault(PolicyFactNames.Name(fact));

    private static Dictionary<string, string>? ReadLabels(IReadOnlyDictionary<string, string> map)
    {
        var labels = map.Where(e => e.Key.StartsWith(LabelPrefix, StringComparison.Ordinal)).ToDictionary(e => e.Key[LabelPrefix.Length..], e => e.Value, StringComparer.Ordinal);
        return map.TryGetValue(Labels, out var count) ? (count == Number(labels.Count) ? labels : throw Wrong(Labels, count)) : labels.Count == 0 ? null : throw new FormatException($"{Labels} is missing beside its labels.");
    }

    private static int? ReadInteger(IReadOnlyDictionary<string, string> map, PolicyFact fact) => Get(map, fact) is not { } text ? null :
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(PolicyFactNames.Name(fact), text);

    private static decimal? ReadDecimal(IReadOnlyDictionary<string, string> map, PolicyFact fact) => Get(map, fact) is not { } text ? null :
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(PolicyFactNames.Name(fact), text);

    private static DateTimeOffset ReadTime(string text) =>
        DateTimeOffset.TryParseExact(text, Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw Wrong("now", text);

    private static FormatException Wrong(string name, string value) => new($"{name} cannot be {value}.");
}
