using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Wire;

/// <summary>
/// Reads objects in the Kubernetes form of Protobuf (https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding): kubectl sends the built-in kinds so. Answers are JSON, which
/// every client accepts as well.
/// </summary>
internal static class WireDecoder
{
    private const int MaxDepth = 64;
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    // Numbers and booleans that are pointers in Go, so that a zero was said. Others are written also when they were not.
    private static readonly HashSet<string> Optional =
    [
        "replicas", "revisionHistoryLimit", "progressDeadlineSeconds", "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished", "gracePeriodSeconds",
        "terminationGracePeriodSeconds", "suspend", "partition", "automountServiceAccountToken", "controller", "blockOwnerDeletion", "runAsUser", "runAsGroup", "runAsNonRoot", "privileged", "optional",
        "readOnlyRootFilesystem", "allowPrivilegeEscalation", "immutable", "manualSelector", "orphanDependents", "minReplicas", "enableServiceLinks", "defaultMode", "hostUsers", "priority", "port",
        "observedGeneration", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "startingDeadlineSeconds", "exitCode", "restartCount", "ready", "allowed",
    ];

    /// <exception cref="ApiErrorException">It cannot be read.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic)) throw ApiErrorException.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        try
        {
            var envelope = Message(body[Magic.Length..], "runtime.Unknown", 0);
            var (version, kind) = (envelope.Text("typeMeta", "apiVersion"), envelope.Text("typeMeta", "kind"));
            var message = WireSchema.MessageOf(version, kind) ?? throw ApiErrorException.BadRequest($"no kind \"{kind}\" is registered for version \"{version}\"");
            var result = Message(Convert.FromBase64String(envelope.Text("raw")), message, 0);
            (result["apiVersion"], result["kind"]) = (version, kind);
            return result;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or FormatException or IndexOutOfRangeException)
        {
            throw ApiErrorException.BadRequest("proto: the message ends in the middle");
        }
    }

    private static JsonObject Message(ReadOnlySpan<byte> bytes, string message, int depth)
    {
        if (depth > MaxDepth) throw ApiErrorException.BadRequest("proto: nested too deeply");
        var result = new JsonObject();
        while (bytes.Length > 0)
        {
            var tag = Varint(ref bytes);
            var (number, wire) = ((int)(tag >> 3), (int)(tag & 7));
            var field = Array.Find(WireSchema.Fields(message) ?? [], f => f.Number == number);
            switch (wire)
            {
                case 0:
                    var value = (long)Varint(ref bytes);
                    if (field is not null) Put(result, field, Integer(field, value));
                    break;
                case 1:
                    var real = BinaryPrimitives.ReadDoubleLittleEndian(bytes[..8]);
                    bytes = bytes[8..];
                    if (field is not null) Put(result, field, real);
                    break;
                case 2:
                    var length = checked((int)Varint(ref bytes));
                    var content = bytes[..length];
                    bytes = bytes[length..];
                    if (field is not null) Put(result, field, content, depth);
                    break;
                default:
                    throw ApiErrorException.BadRequest($"proto: wire type {wire} is not used by this API");
            }
        }
        return result;
    }

    private static void Put(JsonObject result, WireField field, ReadOnlySpan<byte> content, int depth)
    {
        if (field.IsMap)
        {
            var (key, value) = Entry(content, field.Type, depth);
            result.Ensure(field.Name)[key] = value;
        }
        else if (field.IsEmbedded)
        {
            foreach (var (name, inner) in Message(content, field.Type, depth + 1).ToList()) result[name] = inner?.DeepClone();
        }
        else
        {
            Put(result, field, Value(content, field.Type, depth));
        }
    }

    private static void Put(JsonObject result, WireField field, JsonNode? value)
    {
        if (field.IsList) result.EnsureList(field.Name).Add(value);
        else if (value is not null || field.Name == "creationTimestamp") result[field.Name] = value;
    }

    private static (string Key, JsonNode? Value) Entry(ReadOnlySpan<byte> content, string type, int depth)
    {
        var (key, value) = ("", (JsonNode?)"");
        while (content.Length > 0)
        {
            var tag = Varint(ref content);
            var length = checked((int)Varint(ref content));
            if (tag >> 3 == 1) key = Encoding.UTF8.GetString(content[..length]);
            else value = Value(content[..length], type, depth) ?? "";
            content = content[length..];
        }
        return (key, value);
    }

    /// <summary>Null for what was not said.</summary>
    private static JsonNode? Value(ReadOnlySpan<byte> content, string type, int depth)
    {
        switch (type)
        {
            case "s":
                return content.Length == 0 ? null : Encoding.UTF8.GetString(content);
            case "y":
                return content.Length == 0 ? null : Convert.ToBase64String(content);
            case "meta.v1.FieldsV1" or "runtime.RawExtension":
                return Message(content, type, depth + 1).FirstOrDefault().Value is { } raw ? Bodies.Json(Encoding.UTF8.GetString(Convert.FromBase64String(raw.Text()))) : null;
        }
        var inner = Message(content, type, depth + 1);
        return type switch
        {
            "meta.v1.Time" => At(inner)?.Stamp(),
            "meta.v1.MicroTime" => At(inner)?.MicroStamp(),
            "resource.Quantity" => inner.Text("string"),
            "intstr.IntOrString" => inner.Text("strVal") is { Length: > 0 } text ? text : inner.Int("intVal"),
            _ => inner,
        };
    }

    private static DateTimeOffset? At(JsonObject time)
    {
        var seconds = long.Parse(time["seconds"]?.ToString() ?? "0", CultureInfo.InvariantCulture);
        return time.Count == 0 || seconds is < -62135596800 or > 253402300799 || (seconds == -62135596800 && time.Int("nanos") == 0) ? null
            : DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(time.Int("nanos") / 100);
    }

    private static JsonNode? Integer(WireField field, long value)
    {
        if (value == 0 && !field.IsList && !Optional.Contains(field.Name)) return null;
        return field.Type == "b" ? value != 0 : value;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = bytes[0];
            bytes = bytes[1..];
            result |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return result;
        }
        throw new OverflowException();
    }
}
