using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns;

/// <summary>Something that goes wrong on purpose.</summary>
public abstract record InjectedFault
{
    private InjectedFault()
    {
    }

    /// <summary>Answers with this status and the system's own error body, and does nothing.</summary>
    /// <param name="RetryAfterSeconds">The header's value; null for none.</param>
    public sealed record Status(int Code, int? RetryAfterSeconds = null) : InjectedFault;

    /// <summary>Answers as usual, later.</summary>
    public sealed record Latency(TimeSpan Delay) : InjectedFault;

    /// <summary>Closes the connection before anything is done.</summary>
    public sealed record CutBefore : InjectedFault;

    /// <summary>Does what was asked and closes the connection without an answer: the caller cannot know.</summary>
    public sealed record CutAfter : InjectedFault;

    /// <summary>Never answers, until the caller gives up.</summary>
    public sealed record Hang : InjectedFault;
}

/// <summary>Faults waiting for the requests that they are meant for.</summary>
public sealed class InjectedFaults
{
    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];

    /// <param name="fault">What happens.</param>
    /// <param name="times">How many requests it happens to.</param>
    /// <param name="matches">Which ones, by method and by path with query; null for any.</param>
    public void Add(InjectedFault fault, int times = 1, Func<string, string, bool>? matches = null)
    {
        lock (_gate) _waiting.Add(new(fault, matches ?? ((_, _) => true)) { Left = times });
    }

    public void Clear()
    {
        lock (_gate) _waiting.Clear();
    }

    internal async Task Apply(HttpContext context, Func<int, ErrorBody> error, RequestDelegate next)
    {
        switch (Next(context.Request))
        {
            case InjectedFault.Status status:
                context.Response.StatusCode = status.Code;
                if (status.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                var (type, body) = error(status.Code);
                context.Response.ContentType = type;
                await context.Response.WriteAsync(body, context.RequestAborted);
                break;
            case InjectedFault.Latency latency:
                await Task.Delay(latency.Delay, context.RequestAborted);
                await next(context);
                break;
            case InjectedFault.CutBefore:
                Cut(context);
                break;
            case InjectedFault.CutAfter:
                // Nothing may leave before the connection is cut, so the answer goes to nowhere.
                context.Response.Body = Stream.Null;
                await next(context);
                Cut(context);
                break;
            case InjectedFault.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                break;
            default:
                await next(context);
                break;
        }
    }

    private static void Cut(HttpContext context)
    {
        context.Features.Set(new CutConnection());
        context.Abort();
    }

    private InjectedFault? Next(HttpRequest request)
    {
        lock (_gate)
        {
            var target = request.Path + request.QueryString;
            if (_waiting.FirstOrDefault(w => w.Matches(request.Method, target)) is not { } found) return null;
            if (--found.Left <= 0) _waiting.Remove(found);
            return found.Fault;
        }
    }

    private sealed record Waiting(InjectedFault Fault, Func<string, string, bool> Matches)
    {
        public int Left { get; set; }
    }
}
