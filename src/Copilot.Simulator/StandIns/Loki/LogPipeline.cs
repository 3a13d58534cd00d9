using System.Globalization;
using System.Text.Json;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>A line that passed the stages, with the labels it has then.</summary>
internal sealed class PassedLine(LogEntry entry, LogStreams streams)
{
    private Dictionary<string, string>? _metadata;

    public LogEntry Entry { get; } = entry;

    public IReadOnlyDictionary<string, string> Metadata => _metadata ??= streams.Metadata(Entry.Record);

    /// <summary>What the stages took from the line; it goes before what is kept beside the line.</summary>
    public Dictionary<string, string> Parsed { get; } = [];

    public string? Label(string name) => Parsed.TryGetValue(name, out var parsed) ? parsed : Metadata.TryGetValue(name, out var kept) ? kept : Entry.Stream.Labels.GetValueOrDefault(name);

    public SortedDictionary<string, string> AllLabels()
    {
        SortedDictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (var (name, value) in Entry.Stream.Labels) all[name] = value;
        foreach (var (name, value) in Metadata) all[name] = value;
        foreach (var (name, value) in Parsed) all[name] = value;
        return all;
    }

    public void Extract(string name, string value) => Parsed[Entry.Stream.Labels.ContainsKey(name) ? name + "_extracted" : name] = value;

    /// <summary>Loki keeps a line that a stage could not read, and says so in a label.</summary>
    public void Fail(string error, string details)
    {
        Parsed["__error__"] = error;
        Parsed["__error_details__"] = details;
    }
}

/// <summary>Runs the stages of a query over lines.</summary>
internal sealed class LogPipeline(LogStreams streams, LogQuery query)
{
    private readonly HashSet<LogStream> _selected = [.. streams.Streams.Where(s => s.Matches(query.Matchers))];

    /// <summary>Null when a stage drops the line, or it is of another stream.</summary>
    public PassedLine? Pass(in LogEntry entry)
    {
        if (!_selected.Contains(entry.Stream)) return null;
        var line = new PassedLine(entry, streams);
        foreach (var stage in query.Stages)
        {
            switch (stage)
            {
                case LineFilter filter when !filter.Passes(entry.Record.Body): return null;
                case LabelFilterStage filter when !Holds(filter.Filter, line): return null;
                case JsonStage: Json(line); break;
                case LogfmtStage: Logfmt.Read(entry.Record.Body, (name, value) => line.Extract(LogStreams.Sanitize(name), value)); break;
            }
        }
        return line;
    }

    private static void Json(PassedLine line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.Entry.Record.Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                Flatten(line, "", document.RootElement);
                return;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below: a string may hold half a surrogate pair, which only reading it shows.
        }
        line.Fail("JSONParserErr", "Value looks like object, but can't find closing '}' symbol");
    }

    private static void Flatten(PassedLine line, string prefix, JsonElement of)
    {
        foreach (var member in of.EnumerateObject())
        {
            var name = prefix + LogStreams.Sanitize(member.Name);
            if (member.Value.ValueKind == JsonValueKind.Object) Flatten(line, name + "_", member.Value);
            else if (member.Value.ValueKind == JsonValueKind.String) line.Extract(name, member.Value.GetString()!);
            else if (member.Value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null)) line.Extract(name, member.Value.GetRawText());
        }
    }

    private static bool Holds(LabelFilter filter, PassedLine line) => filter switch
    {
        CombinedFilter { And: true } both => both.Parts.All(p => Holds(p, line)),
        CombinedFilter either => either.Parts.Any(p => Holds(p, line)),
        TextFilter text => text.Matcher.Matches(line.Label(text.Matcher.Name) ?? ""),
        QuantityFilter quantity => Holds(quantity, line),
        _ => true,
    };

    private static bool Holds(QuantityFilter filter, PassedLine line)
    {
        if (line.Label(filter.Label) is not { } text) return false;
        var value = filter.Kind switch
        {
            LogQlKind.Duration => LogQlUnits.Duration(text),
            LogQlKind.Bytes => LogQlUnits.Bytes(text),
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        };
        if (value is not { } known)
        {
            line.Fail("LabelFilterErr", $"strconv.ParseFloat: parsing \"{text}\": invalid syntax");
            return true;
        }
        return filter.Operator switch
        {
            "==" => known.Equals(filter.Value),
            "!=" => !known.Equals(filter.Value),
            ">" => known > filter.Value,
            ">=" => known >= filter.Value,
            "<" => known < filter.Value,
            _ => known <= filter.Value,
        };
    }
}
