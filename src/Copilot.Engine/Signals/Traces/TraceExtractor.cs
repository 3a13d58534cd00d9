using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Traces;

/// <summary>Reads spans into a compact table. What a single span says is decided here; what spans say together in <see cref="TraceAnalysis"/>.</summary>
internal sealed class TraceExtractor
{
    private const int MaxMessages = 5000;

    private readonly Interner _resources = new();

    public SpanTable Table { get; } = new();

    public void Read(FileReading reading)
    {
        Table.Files.Add((Table.Spans.Count, reading.File.Path, reading.File.IsReference));
        Columns? columns = null;
        reading.ReadTable(["Timestamp", "TraceId", "SpanId", "ServiceName", "Duration"], row =>
        {
            var c = columns ??= new(row);
            if (!TimeText.TryParse(row.Field(c.Time), out var start) || !Utf8Parser.TryParse(row.Field(c.Duration), out long duration, out _) || duration < 0)
            {
                reading.Fault(row.Record, GapKind.Malformed, "a time stamp or duration that is none");
                return false;
            }
            reading.Saw(start);
            Accept(row, c, start, duration);
            return true;
        });
    }

    private void Accept(TsvReader row, Columns c, long start, long duration)
    {
        var trace = XxHash3.HashToUInt64(row.RawField(c.Trace));
        var parent = row.RawField(c.Parent);
        var service = Table.Services.Id(row.Field(c.Service));
        var status = row.Field(c.Status);
        var kind = Kind(row.Field(c.Kind));
        var attributes = row.RawField(c.Attributes);
        var span = new Span
        {
            Key = Identity(trace, row.RawField(c.Span)),
            Parent = parent.Length == 0 || !parent.ContainsAnyExcept((byte)'0') ? 0 : Identity(trace, parent),
            StartTicks = start,
            DurationNs = duration,
            Record = (int)row.Record,
            Service = service,
            Operation = Table.Operations.Id(row.Field(c.Name)),
            Peer = -1,
            Message = -1,
            Kind = kind,
            // Proxies leave the status of a failed request unset and only note the HTTP code.
            Failed = status.EndsWith("Error"u8) || status.EndsWith("ERROR"u8) || (kind == SpanKind.Server && HasServerErrorCode(attributes)),
        };
        if (kind is SpanKind.Client or SpanKind.Producer && PeerName(attributes) is { Length: > 0 } peer) span.Peer = Table.Peers.Id(peer);
        var events = row.RawField(c.EventAttributes);
        if (span.Failed) span.Message = Message(row, c, events);
        if (events.Length > 4 && events.IndexOf("feature_flag"u8) >= 0) Flags(row.Field(c.EventAttributes), service);
        else if (attributes.IndexOf("feature_flag.key"u8) >= 0) Flags(row.Field(c.Attributes), service);

        _resources.Id(row.RawField(c.Resource), out var isNew);
        if (isNew && !Table.Workloads.ContainsKey(service) && Workload(row.Field(c.Resource)) is { } workload) Table.Workloads[service] = workload;
        Table.Spans.Add(span);
    }

    /// <summary>A number for a span by its ids as they are written; never 0.</summary>
    internal static ulong Identity(ReadOnlySpan<byte> trace, ReadOnlySpan<byte> span) => Identity(XxHash3.HashToUInt64(trace), span);

    private static ulong Identity(ulong trace, ReadOnlySpan<byte> span) => Math.Max(1, XxHash3.HashToUInt64(span, (long)trace));

    private static SpanKind Kind(ReadOnlySpan<byte> kind)
    {
        var last = kind.LastIndexOf((byte)'_') + 1; // SPAN_KIND_SERVER or Server
        return kind.Length <= last ? SpanKind.Internal : ((char)(kind[last] | 0x20)) switch
        {
            's' => SpanKind.Server,
            'p' => SpanKind.Producer,
            'c' => kind.Length > last + 1 && (kind[last + 1] | 0x20) == 'l' ? SpanKind.Client : SpanKind.Consumer,
            _ => SpanKind.Internal,
        };
    }

    private static bool HasServerErrorCode(ReadOnlySpan<byte> attributes)
    {
        var at = attributes.IndexOf("status_code"u8);
        if (at < 0 || attributes[..at].EndsWith("grpc."u8)) return false;
        var rest = attributes[(at + "status_code".Length)..];
        var digit = rest[..Math.Min(rest.Length, 8)].IndexOfAnyInRange((byte)'0', (byte)'9');
        return digit >= 0 && digit + 2 < rest.Length && rest[digit] == (byte)'5' && char.IsAsciiDigit((char)rest[digit + 1]) && char.IsAsciiDigit((char)rest[digit + 2]);
    }

    // The semantic conventions of OpenTelemetry, new names before old ones.
    private static readonly byte[][] PeerKeys =
        ["peer.service"u8.ToArray(), "server.address"u8.ToArray(), "net.peer.name"u8.ToArray(), "upstream_cluster"u8.ToArray(), "http.host"u8.ToArray(), "network.peer.address"u8.ToArray()];

    private static string? PeerName(ReadOnlySpan<byte> attributes)
    {
        foreach (var key in PeerKeys)
            if (PythonDict.TryGet(attributes, key, out var value) && value.Length > 0) return HostOf(value);
        foreach (var key in (ReadOnlySpan<byte[]>)[UrlKey, OldUrlKey])
            if (PythonDict.TryGet(attributes, key, out var url) && Uri.TryCreate(url, UriKind.Absolute, out var uri)) return uri.Host;
        foreach (var key in (ReadOnlySpan<byte[]>)[MessagingKey, DatabaseKey])
            if (PythonDict.TryGet(attributes, key, out var system) && system.Length > 0) return system;
        return null;
    }

    private static readonly byte[] UrlKey = "url.full"u8.ToArray();
    private static readonly byte[] OldUrlKey = "http.url"u8.ToArray();
    private static readonly byte[] MessagingKey = "messaging.system"u8.ToArray();
    private static readonly byte[] DatabaseKey = "db.system"u8.ToArray();

    /// <summary>Of <c>cart.shop.svc.cluster.local:7070</c> the host <c>cart</c>; an IP address stays whole.</summary>
    private static string HostOf(string address)
    {
        var colon = address.LastIndexOf(':');
        var host = colon > 0 && address.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? address[..colon] : address;
        var service = host.IndexOf(".svc", StringComparison.Ordinal);
        return service > 0 && host.IndexOf('.') is > 0 and var dot && dot < service ? host[..dot] : host;
    }

    private int Message(TsvReader row, Columns c, ReadOnlySpan<byte> events)
    {
        if (Table.Messages.Count >= MaxMessages) return -1;
        var status = Encoding.UTF8.GetString(row.Field(c.Message));
        var exception = events.Length > 4 && PythonDict.TryGet(row.Field(c.EventAttributes), "exception.message"u8, out var text) ? text : "";
        var message = exception.Length > 0 && !status.Contains(exception, StringComparison.Ordinal) ? $"{status} {exception}".Trim() : status;
        if (message.Length == 0) return -1;
        return Table.Messages.Id(message.Length <= 400 ? message : message[..400] + "…");
    }

    private void Flags(ReadOnlySpan<byte> attributes, int service)
    {
        // A span may evaluate several flags; each evaluation names its key first.
        var rest = attributes;
        while (rest.IndexOf("feature_flag.key"u8) is >= 0 and var at)
        {
            var from = rest[Math.Max(0, at - 1)..];
            if (!PythonDict.TryGet(from, "feature_flag.key"u8, out var flag)) return;
            rest = rest[(at + "feature_flag.key".Length)..];
            var end = rest.IndexOf("feature_flag.key"u8);
            var own = end < 0 ? rest : rest[..end];
            if (!PythonDict.TryGet(own, "feature_flag.result.variant"u8, out var variant) && !PythonDict.TryGet(own, "feature_flag.variant"u8, out variant)
                && !PythonDict.TryGet(attributes, "feature_flag.result.variant"u8, out variant))
            {
                PythonDict.TryGet(attributes, "feature_flag.variant"u8, out variant);
            }
            if (!Table.Flags.TryGetValue((service, flag, variant), out var uses)) Table.Flags[(service, flag, variant)] = uses = [];
            uses.Add(Table.Spans.Count);
        }
    }

    private static EntityRef? Workload(ReadOnlySpan<byte> resource)
    {
        var attributes = PythonDict.Parse(resource);
        var ns = attributes.GetValueOrDefault("k8s.namespace.name", "");
        foreach (var (key, kind) in new[] { ("k8s.deployment.name", "Deployment"), ("k8s.statefulset.name", "StatefulSet"), ("k8s.daemonset.name", "DaemonSet"), ("k8s.cronjob.name", "CronJob"), ("k8s.job.name", "Job") })
            if (attributes.TryGetValue(key, out var name) && name.Length > 0) return new(ns, kind, name);
        return attributes.TryGetValue("k8s.pod.name", out var pod) ? new(ns, "Pod", pod) : null;
    }

    private sealed class Columns(TsvReader row)
    {
        public readonly int Time = row.Column("Timestamp"), Trace = row.Column("TraceId"), Span = row.Column("SpanId"), Parent = row.Column("ParentSpanId"),
            Name = row.Column("SpanName"), Kind = row.Column("SpanKind"), Service = row.Column("ServiceName"), Resource = row.Column("ResourceAttributes"),
            Attributes = row.Column("SpanAttributes"), Duration = row.Column("Duration"), Status = row.Column("StatusCode"), Message = row.Column("StatusMessage"),
            EventAttributes = row.Column("Events.Attributes");
    }
}
