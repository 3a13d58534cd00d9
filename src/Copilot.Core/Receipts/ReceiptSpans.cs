using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>
/// Receipts as OpenTelemetry spans (OTLP JSON, <c>ExportTraceServiceRequest</c>) by the names of the conventions for generative AI agents: a run is <c>invoke_agent</c>, a tool call from its
/// intent to its result <c>execute_tool</c>, everything else an event of its run. A call without a result has no end, so it ends where it began, as an error.
/// </summary>
public static class ReceiptSpans
{
    private const int Internal = 1;
    private const int Error = 2;

    /// <param name="receipts">Canonical bytes in the order of the log.</param>
    public static string Of(IEnumerable<byte[]> receipts)
    {
        var runs = new Dictionary<string, Run>(StringComparer.Ordinal);
        foreach (var bytes in receipts)
        {
            var receipt = JsonNode.Parse(bytes)!.AsObject();
            if ((string?)receipt["corr"]!["run"] is not { } id) continue;
            if (!runs.TryGetValue(id, out var run)) runs[id] = run = new(id, (string)receipt["log"]!, (string)receipt["stream"]!);
            run.Add(receipt, Convert.ToHexStringLower(MerkleTree.LeafHash(bytes)));
        }
        return new JsonObject
        {
            ["resourceSpans"] = new JsonArray(new JsonObject
            {
                ["resource"] = new JsonObject { ["attributes"] = Attributes(("service.name", "copilot")) },
                ["scopeSpans"] = new JsonArray(new JsonObject
                {
                    ["scope"] = new JsonObject { ["name"] = "Copilot.Receipts" },
                    ["spans"] = new JsonArray([.. runs.Values.SelectMany(r => r.Spans())]),
                }),
            }),
        }.ToJsonString();
    }

    private static JsonArray Attributes(params IEnumerable<(string Name, string? Value)> attributes) =>
        new([.. attributes.Where(a => a.Value is not null).Select(a => (JsonNode)new JsonObject { ["key"] = a.Name, ["value"] = new JsonObject { ["stringValue"] = a.Value } })]);

    private static string Id(int bytes, params string[] parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)))[..bytes]);

    /// <summary>Nanoseconds since 1970, as OTLP writes them: a text.</summary>
    private static string Nanoseconds(JsonObject receipt)
    {
        var time = DateTimeOffset.Parse((string)receipt["time"]!["utc"]!, CultureInfo.InvariantCulture);
        return (Math.Max(0, (time - DateTimeOffset.UnixEpoch).Ticks) * 100m).ToString(CultureInfo.InvariantCulture);
    }

    private sealed class Run(string id, string log, string stream)
    {
        private readonly Dictionary<string, (JsonObject Receipt, string Leaf)> _open = new(StringComparer.Ordinal);
        private readonly List<JsonNode> _calls = [];
        private readonly JsonArray _events = [];
        private readonly string _trace = Id(16, log, id);
        private readonly string _root = Id(8, log, id, "run");
        private string _start = "";
        private string _end = "";

        public void Add(JsonObject receipt, string leaf)
        {
            var (time, type) = (Nanoseconds(receipt), (string)receipt["type"]!);
            if (_start.Length == 0) _start = time;
            _end = time;
            if (type == ReceiptTypes.Name(ReceiptType.ToolIntent)) _open[(string)receipt["id"]!] = (receipt, leaf);
            else if (type == ReceiptTypes.Name(ReceiptType.ToolResult) && receipt["refs"]!.AsArray().Select(r => (string)r!["id"]!).FirstOrDefault(_open.ContainsKey) is { } intent)
            {
                _open.Remove(intent, out var begun);
                _calls.Add(Call(begun, (receipt, leaf)));
            }
            else
            {
                _events.Add(new JsonObject
                {
                    ["timeUnixNano"] = time,
                    ["name"] = type,
                    ["attributes"] = Attributes(("copilot.receipt.id", (string?)receipt["id"]), ("copilot.receipt.leaf", leaf), ("copilot.subject", (string?)receipt["subject"])),
                });
            }
        }

        public IEnumerable<JsonNode> Spans()
        {
            var root = Span(_root, "", "invoke_agent copilot", _start, _end, Attributes(
                ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "copilot"), ("gen_ai.conversation.id", stream), ("copilot.run", id), ("copilot.log", log)));
            root["events"] = _events;
            return [root, .. _calls, .. _open.Values.Select(o => Call(o, null))];
        }

        private JsonObject Call((JsonObject Receipt, string Leaf) intent, (JsonObject Receipt, string Leaf)? result)
        {
            var (body, outcome) = (intent.Receipt["body"]!, (string?)result?.Receipt["body"]!["outcome"] ?? "unknown");
            var span = Span(Id(8, log, (string)intent.Receipt["id"]!), _root, $"execute_tool {body["tool"]}", Nanoseconds(intent.Receipt), Nanoseconds(result?.Receipt ?? intent.Receipt), Attributes(
                ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", (string?)body["tool"]), ("gen_ai.tool.type", "datastore"), ("gen_ai.tool.call.id", (string?)intent.Receipt["corr"]!["tool_call_id"]),
                ("gen_ai.data_source.id", (string?)body["source"]), ("copilot.outcome", outcome), ("copilot.receipt.intent", intent.Leaf), ("copilot.receipt.result", result?.Leaf)));
            if (outcome is "unknown" or "failed" or "interrupted") span["status"] = new JsonObject { ["code"] = Error, ["message"] = outcome };
            return span;
        }

        private JsonObject Span(string span, string parent, string name, string start, string end, JsonArray attributes) => new()
        {
            ["traceId"] = _trace,
            ["spanId"] = span,
            ["parentSpanId"] = parent,
            ["name"] = name,
            ["kind"] = Internal,
            ["startTimeUnixNano"] = start,
            ["endTimeUnixNano"] = end,
            ["attributes"] = attributes,
        };
    }
}
