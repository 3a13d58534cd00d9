using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Copilot.EndToEnd.Serving;

internal sealed record ExportedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Takes traces by OTLP over gRPC (github.com/open-telemetry/opentelemetry-proto, trace/v1) and keeps the spans, and every byte that came.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<byte[]> _exports = new();

    private TraceCollector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        _app = builder.Build();
        _app.Run(Take);
    }

    public string Address => _app.Urls.First();

    public IReadOnlyList<ExportedSpan> Spans =>
        [.. from export in _exports from resource in Fields(export) where resource.Number == 1 from scope in Fields(resource.Bytes) where scope.Number == 2 from span in Fields(scope.Bytes) where span.Number == 2 select Span(span.Bytes)];

    public bool Holds(string text) => _exports.Any(e => e.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public static async Task<TraceCollector> Start()
    {
        var collector = new TraceCollector();
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        // A gRPC message stands behind a flag and its length; metrics come by the same way and are not kept.
        if (context.Request.Path.Value!.EndsWith("TraceService/Export", StringComparison.Ordinal)) _exports.Enqueue(body.ToArray()[5..]);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static ExportedSpan Span(byte[] span)
    {
        var fields = Fields(span).ToLookup(f => f.Number, f => f.Bytes);
        return new(
            Convert.ToHexStringLower(fields[1].First()), Convert.ToHexStringLower(fields[2].First()), Convert.ToHexStringLower(fields[4].FirstOrDefault([])), Encoding.UTF8.GetString(fields[5].First()),
            fields[9].Select(a => Fields(a).ToDictionary(f => f.Number, f => f.Bytes)).ToDictionary(a => Encoding.UTF8.GetString(a[1]), a => Value(Fields(a[2]).Single())));
    }

    /// <summary>A string, or a number in its decimal form.</summary>
    private static string Value((int Number, byte[] Bytes) value) => value.Number == 1 ? Encoding.UTF8.GetString(value.Bytes) : BinaryPrimitives.ReadInt64LittleEndian(value.Bytes).ToString();

    /// <summary>The fields of a protobuf message; a number takes eight bytes.</summary>
    private static IEnumerable<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var (number, kind) = ((int)(key >> 3), (int)(key & 7));
            if (kind == 0)
            {
                var bytes = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, Varint(message, ref at));
                yield return (number, bytes);
                continue;
            }
            var length = kind switch { 1 => 8, 5 => 4, 2 => (int)Varint(message, ref at), _ => throw new InvalidDataException($"wire type {kind}") };
            yield return (number, message[at..(at + length)]);
            at += length;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
}
