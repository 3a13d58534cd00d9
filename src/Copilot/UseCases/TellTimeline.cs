using System.Globalization;
using Copilot.Configuration;
using Copilot.Core.Incidents;
using Copilot.Core.Signals;
using Copilot.Core.Summaries;
using Copilot.Engine.Yaml;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Tells what happened, over all sources, in order of time.</summary>
/// <param name="From">ISO 8601 with the distance from UTC, or a time of the recording's day such as 09:30; null for around the onset.</param>
/// <param name="Namespace">Only this namespace; null for all.</param>
/// <param name="All">Everything instead of the most important.</param>
internal sealed record TellTimeline(SummarySource Source, string? From, string? To, string? Namespace, bool All) : IRequest<SummaryOutcome<IncidentTimeline>>;

internal sealed class TellTimelineHandler(Summarizer summarizer) : IRequestHandler<TellTimeline, SummaryOutcome<IncidentTimeline>>
{
    private const int MostNames = 12;

    public Task<SummaryOutcome<IncidentTimeline>> Handle(TellTimeline request, CancellationToken cancellationToken) => Task.FromResult(summarizer.OfSignals(
        request.Source, IncidentTimeline.SchemaId, (work, citing) =>
        {
            var (signals, analysis) = (work.Investigation.Signals.Signals, work.Investigation.Analysis);
            return TimelineComposer.Compose(signals, analysis, work.Investigation.Diagnosis, Choice(request, signals), citing);
        }, SummaryJson.Write, cancellationToken));

    private static TimelineChoice Choice(TellTimeline request, SignalSet signals)
    {
        var (from, to) = (Moments.Read(request.From, signals.Window), Moments.Read(request.To, signals.Window));
        if (from > to) throw new BadInputException($"--from {request.From} is after --to {request.To}. Exchange them.");
        if (request.Namespace is { } ns && Namespaces(signals) is var known && !known.Contains(ns))
            throw new BadInputException(known.Count == 0 ? "No namespace is recorded. Leave --namespace out."
                : $"Nothing is recorded of a namespace {ns}. Did you mean {Words.Nearest(ns, known)}? Known are {string.Join(", ", known.Take(MostNames))}{(known.Count > MostNames ? $" and {known.Count - MostNames} more" : "")}.");
        return new(from, to, request.Namespace, request.All);
    }

    private static SortedSet<string> Namespaces(SignalSet signals)
    {
        var all = signals.Changes.Select(c => c.Entity.Namespace).Concat(signals.Events.Select(e => e.Regarding.Namespace)).Concat(signals.Cluster.Pods.Select(p => p.Header.Entity.Namespace))
            .Concat(signals.Cluster.Workloads.Select(w => w.Header.Entity.Namespace)).Concat(signals.Alerts.Alerts.Select(a => a.Label("namespace"))).Concat(signals.Services.Select(s => s.Workload?.Namespace ?? ""));
        return new(all.Where(n => n.Length > 0), StringComparer.Ordinal);
    }
}

internal sealed class TellTimelineCheck : IRequestCheck<TellTimeline>
{
    public string? Fault(TellTimeline request)
    {
        if (SummarySourceCheck.Fault(request.Source) is { } fault) return fault;
        foreach (var (option, text) in new[] { ("--from", request.From), ("--to", request.To) })
            if (text is not null && !Moments.IsOne(text)) return $"{option} {text} is no time. Write it like 09:30, or like 2026-11-27T09:30:00Z; both are UTC.";
        return null;
    }
}

/// <summary>Times as people write them.</summary>
internal static class Moments
{
    private static readonly string[] OfDay = ["H:mm", "H:mm:ss"];

    public static bool IsOne(string text) => TryDay(text, out _) || YamlReader.MomentOf(text) is not null;

    /// <summary>A time of day lies on the first day of the recording on which it is not before its beginning.</summary>
    public static DateTimeOffset? Read(string? text, TimeWindow recorded)
    {
        if (text is null) return null;
        if (!TryDay(text, out var time)) return YamlReader.MomentOf(text);
        var first = new DateTimeOffset(recorded.From.UtcDateTime.Date, TimeSpan.Zero) + time.ToTimeSpan();
        return first < recorded.From && first.AddDays(1) <= recorded.To ? first.AddDays(1) : first;
    }

    private static bool TryDay(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, OfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
