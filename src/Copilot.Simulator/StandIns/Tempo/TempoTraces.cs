using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>Traces by their id.</summary>
internal sealed class TempoTraces(RecordedTraces traces, TempoOptions options)
{
    private const int MostDigits = 32;

    private readonly OtlpForm _form = new(Base64Ids: options.ProtobufJson, EnumNames: options.ProtobufJson);

    /// <exception cref="RefusedRequestException">404 without a body: it is not there; 422: it is too large.</exception>
    public JsonNode Version1(string id, Parameters parameters)
    {
        var batches = OtlpJson.ResourceSpans(Find(id, parameters).Spans, _form);
        if (Size(batches) > options.MaxBytesPerTrace) throw new RefusedRequestException(422, $"trace exceeds max size (max bytes: {options.MaxBytesPerTrace})");
        return new JsonObject { ["batches"] = batches };
    }

    /// <summary>Of a trace that is too large the first spans, said to be a part.</summary>
    public JsonNode Version2(string id, Parameters parameters)
    {
        if (parameters["q"] is not null) throw TempoRefusal.NotAnswered("q on a trace");
        var trace = Find(id, parameters);
        var whole = OtlpJson.ResourceSpans(trace.Spans, _form);
        var answer = new JsonObject { ["trace"] = new JsonObject { ["resourceSpans"] = whole }, ["metrics"] = new JsonObject { ["inspectedBytes"] = $"{Size(whole)}" } };
        if (Size(whole) <= options.MaxBytesPerTrace) return answer;
        answer["trace"] = new JsonObject { ["resourceSpans"] = OtlpJson.ResourceSpans(trace.Spans.Take(Fitting(trace)), _form) };
        answer["status"] = "PARTIAL";
        answer["message"] = $"Trace exceeds maximum size of {options.MaxBytesPerTrace} bytes, a partial trace is returned";
        return answer;
    }

    private int Fitting(RecordedTrace trace)
    {
        var (few, many) = (0, trace.Spans.Count);
        while (many - few > 1)
        {
            var middle = (few + many) / 2;
            if (Size(OtlpJson.ResourceSpans(trace.Spans.Take(middle), _form)) <= options.MaxBytesPerTrace) few = middle;
            else many = middle;
        }
        return few;
    }

    private RecordedTrace Find(string id, Parameters parameters)
    {
        for (var i = 0; i < id.Length; i++)
            if (!char.IsAsciiHexDigit(id[i])) throw TempoRefusal.Bad($"trace IDs can only contain hex characters: invalid character '{id[i]}' at position {i + 1}");
        if (id.Length > MostDigits) throw TempoRefusal.Bad("trace IDs can't be larger than 128 bits");
        const long Second = 1_000_000_000;
        var range = TempoWindow.OptionalRange(parameters);
        return traces.Find(id) is { } found && (range is not { } asked || found.Overlaps(asked.Start * Second, asked.End * Second)) ? found : throw new RefusedRequestException(404, "");
    }

    private static int Size(JsonNode node) => node.ToJsonString(Answers.Plain).Length;
}
