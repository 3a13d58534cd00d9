using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns;

/// <summary>One request as it came, and the status of its answer.</summary>
/// <param name="Target">Path with query.</param>
/// <param name="Agent">The User-Agent header.</param>
/// <param name="Status">0 when the connection was cut.</param>
public sealed record WireEntry(string Method, string Target, string Agent, int Status);

/// <summary>What went over the wire, so that a test can say what was never asked. Of a hundred thousand requests and more the oldest are forgotten.</summary>
public sealed class WireLog
{
    private const int Most = 100_000;

    private readonly ConcurrentQueue<WireEntry> _entries = new();
    private int _count;

    /// <summary>How many requests came, the forgotten ones included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>In the order in which they were answered.</summary>
    public IReadOnlyList<WireEntry> Entries => [.. _entries];

    internal async Task Record(HttpContext context, Func<Task> next)
    {
        var request = context.Request;
        var (method, target, agent) = (request.Method, request.Path + request.QueryString, request.Headers.UserAgent.ToString());
        try
        {
            await next();
        }
        finally
        {
            _entries.Enqueue(new(method, target, agent, context.Features.Get<CutConnection>() is null ? context.Response.StatusCode : 0));
            Interlocked.Increment(ref _count);
            while (_entries.Count > Most) _entries.TryDequeue(out _);
        }
    }
}

/// <summary>Says that the connection was cut on purpose.</summary>
internal sealed class CutConnection;
