using System.Text;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>The search that was before TraceQL: tags in logfmt, each a part of a value of some span of the trace without regard to case, and the duration of the trace.</summary>
internal sealed class TempoTagSearch
{
    private static readonly HashSet<string> Reserved = ["q", "tags", "minDuration", "maxDuration", "limit", "spss", "start", "end"];

    private readonly Dictionary<string, string> _tags;
    private readonly long _least;
    private readonly long _most;

    private TempoTagSearch(Dictionary<string, string> tags, long least, long most) => (_tags, _least, _most) = (tags, least, most);

    /// <param name="legacy">Without q, tags and times every other parameter is a tag.</param>
    public static TempoTagSearch Of(Parameters parameters, bool legacy)
    {
        Dictionary<string, string> tags = [];
        if (parameters["tags"] is { } text) Read(text, tags);
        else if (legacy && parameters["q"] is null) tags = parameters.Names.Where(n => !Reserved.Contains(n) && parameters[n] is not null).ToDictionary(n => n, n => parameters[n]!);
        var (least, most) = (Milliseconds("minDuration"), Milliseconds("maxDuration"));
        if (least != 0 && most != 0 && least > most) throw TempoRefusal.Bad("invalid maxDuration: must be greater than minDuration");
        return new(tags, least, most);

        long Milliseconds(string name)
        {
            if (parameters[name] is not { } duration) return 0;
            var nanoseconds = GoText.Duration(duration, out var error);
            return error is null ? (uint)(nanoseconds / 1_000_000) : throw TempoRefusal.Bad($"invalid {name}: {error}");
        }
    }

    public bool Matches(RecordedTrace trace)
    {
        var milliseconds = (trace.End - trace.Start) / 1_000_000;
        return (_least == 0 || milliseconds >= _least) && (_most == 0 || milliseconds <= _most) && _tags.All(tag => Has(trace, tag.Key, tag.Value));
    }

    private static bool Has(RecordedTrace trace, string name, string value) => name switch
    {
        "root.name" => Contains(trace.Root?.Name, value),
        "root.service.name" => Contains(trace.Root?.Service, value),
        "name" => trace.Spans.Any(s => Contains(s.Name, value)),
        "status.code" => trace.Spans.Any(s => OtlpJson.CodeName(s) == value),
        "error" => trace.Spans.Any(s => OtlpJson.CodeName(s) == "error") == (value == "true"),
        _ => trace.Spans.Any(s => Contains(s.Attributes.GetValueOrDefault(name), value) || Contains(s.Resource.GetValueOrDefault(name, name == "service.name" ? s.Service : ""), value)),
    };

    private static bool Contains(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>logfmt, with the errors of the reader that Tempo uses (go-logfmt). The first line counts, and those after it.</summary>
    private static void Read(string text, Dictionary<string, string> tags)
    {
        for (var at = 0; at < text.Length;)
        {
            if (text[at] <= ' ')
            {
                at++;
                continue;
            }
            var from = at;
            while (at < text.Length && text[at] > ' ' && text[at] is not ('=' or '"')) at++;
            var name = text[from..at];
            if (at < text.Length && (text[at] == '"' || name.Length == 0)) throw TempoRefusal.Bad($"invalid tags: unexpected '{text[at]}' at pos {at + 1}");
            var value = "";
            if (at < text.Length && text[at] == '=')
            {
                at++;
                value = at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Bare(text, ref at);
            }
            if (!tags.TryAdd(name, value)) throw TempoRefusal.Bad($"invalid tags: tag {name} has been set twice");
        }
    }

    private static string Bare(string text, ref int at)
    {
        var from = at;
        for (; at < text.Length && text[at] > ' '; at++)
            if (text[at] is '=' or '"') throw TempoRefusal.Bad($"invalid tags: unexpected '{text[at]}' at pos {at + 1}");
        return text[from..at];
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length) value.Append(text[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
            else value.Append(text[at]);
        }
        if (at++ >= text.Length) throw TempoRefusal.Bad($"invalid tags: unterminated quoted value at pos {at}");
        return value.ToString();
    }
}
