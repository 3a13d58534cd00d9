namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>The parameters of version 3 under the names that a version of Jaeger knows.</summary>
internal sealed class JaegerParameters(Parameters parameters, JaegerSpelling spelling)
{
    // The canonical name, then the older ones.
    private static readonly Dictionary<string, string[]> Older = new()
    {
        ["startTime"] = ["start_time"],
        ["endTime"] = ["end_time"],
        ["rawTraces"] = ["raw_traces"],
        ["spanKind"] = ["span_kind"],
        ["query.serviceName"] = ["query.service_name"],
        ["query.operationName"] = ["query.operation_name"],
        ["query.startTimeMin"] = ["query.start_time_min"],
        ["query.startTimeMax"] = ["query.start_time_max"],
        ["query.searchDepth"] = ["query.num_traces", "query.search_depth"],
        ["query.durationMin"] = ["query.duration_min"],
        ["query.durationMax"] = ["query.duration_max"],
        ["query.rawTraces"] = ["query.raw_traces"],
    };

    /// <summary>Older names that were used, in the order in which they were read.</summary>
    public List<string> Deprecated { get; } = [];

    public JaegerSpelling Spelling => spelling;

    /// <summary>Under its own name whatever the version.</summary>
    public string? this[string name] => parameters[name];

    /// <summary>What the version calls it.</summary>
    public string NameOf(string canonical) => spelling == JaegerSpelling.SnakeCase ? Older[canonical][0] : canonical;

    /// <summary>The value with the name under which it came; null when it is missing.</summary>
    public (string Value, string Name)? Find(string canonical)
    {
        if (spelling == JaegerSpelling.SnakeCase) return parameters[Older[canonical][0]] is { } old ? (old, Older[canonical][0]) : null;
        if (parameters[canonical] is { } value) return (value, canonical);
        if (spelling == JaegerSpelling.CamelCase) return null;
        foreach (var name in Older[canonical])
        {
            if (parameters[name] is not { } older) continue;
            Deprecated.Add(name);
            return (older, name);
        }
        return null;
    }

    /// <summary>Nanoseconds since 1970.</summary>
    public long? Time(string canonical)
    {
        if (Find(canonical) is not var (text, name)) return null;
        var time = GoTimes.Time(text, out var error);
        return error is null ? time : throw Malformed(name, error);
    }

    /// <summary>Nanoseconds; zero when it is missing.</summary>
    public long Duration(string canonical)
    {
        if (Find(canonical) is not var (text, name)) return 0;
        var duration = GoText.Duration(text, out var error);
        return error is null ? duration : throw Malformed(name, error);
    }

    /// <summary>Recorded spans are never adjusted, so both values have the same answer.</summary>
    public void Boolean(string canonical)
    {
        if (Find(canonical) is var (text, name) && JaegerText.NoBoolean(text) is { } error) throw Malformed(name, error);
    }

    public static RefusedRequestException Malformed(string name, string error) => JaegerText.Bad($"malformed parameter {name}: {error}");
}
