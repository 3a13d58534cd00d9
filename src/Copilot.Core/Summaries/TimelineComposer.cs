using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Tells what happened, over all sources: the time around the onset, the most important first to stay, and what is left out by number.</summary>
public static class TimelineComposer
{
    private const int Most = 30;

    // Where little happened near the trouble, other parts are told as well.
    private const int Few = 12;

    private static readonly TimeSpan Around = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan WithoutOnset = TimeSpan.FromHours(2);

    public static IncidentTimeline Compose(SignalSet signals, AnalysisResult analysis, Diagnosis diagnosis, TimelineChoice choice, Citing citing)
    {
        var all = Everything(signals, analysis);
        var (from, to) = Interval(signals, analysis, choice, all);
        var left = new List<LeftOut>();
        var told = all.Where(m => choice.Namespace is null || m.Evidence is null || m.Evidence.About[0].Namespace == choice.Namespace).ToList();
        Leave(left, "about other namespaces, or about none", all.Count - told.Count, "leave --namespace out");
        var inside = told.FindAll(m => m.At <= to && (m.Until ?? m.At) >= from);
        if (told.Count(m => (m.Until ?? m.At) < from) is var before and > 0) Leave(left, $"before {from:HH:mm:ss}", before, $"--from {told.Min(m => m.At):yyyy-MM-ddTHH:mm:ssZ}");
        if (told.Count(m => m.At > to) is var after and > 0) Leave(left, $"after {to:HH:mm:ss}", after, $"--to {told.Max(m => m.At):yyyy-MM-ddTHH:mm:ssZ}");
        var kept = choice.All ? inside : MostImportant(inside, analysis.Onset);
        var less = inside.Except(kept).ToList();
        Leave(left, $"less important ({string.Join(", ", less.GroupBy(m => m.Kind).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"))})", less.Count, "--all");

        var moments = new List<TimelineMoment>();
        foreach (var moment in kept.OrderBy(m => m.At).ThenBy(m => m.Rank).ThenBy(m => m.Says, StringComparer.Ordinal))
        {
            CitedEvidence? cited = null;
            if (moment.Evidence is { } evidence && (cited = citing.Of(evidence)) is null) continue;
            moments.Add(new(moment.At, moment.Until, moment.Kind, PlainText.Clean(moment.Says), moment.Count, cited));
        }
        return new(
            IncidentTimeline.SchemaId, diagnosis.Incident, diagnosis.Status, diagnosis.Summary, diagnosis.Onset, all.Count == 0 ? null : from, all.Count == 0 ? null : to, moments, left,
            diagnosis.MissingEvidence, citing.Removed);
    }

    private static List<Moment> MostImportant(List<Moment> moments, Onset? onset)
    {
        var ordered = moments.Where(m => m.Rank <= Rank.Elsewhere).OrderBy(m => m.Rank).ThenBy(m => onset is null ? TimeSpan.Zero : (m.At - onset.At).Duration()).ToList();
        return [.. ordered.Take(Math.Clamp(ordered.Count(m => m.Rank < Rank.Elsewhere), Few, Most))];
    }

    /// <summary>What the diagnosis tells, and whatever else each source holds, in no order.</summary>
    internal static List<Moment> Everything(SignalSet signals, AnalysisResult analysis)
    {
        // A symptom without a record would be told without evidence.
        var important = Timeline.Moments(signals, analysis).FindAll(m => m.Evidence is not null || m.Kind == "onset").ConvertAll(m => Plainer(m, signals));
        var told = important.Where(m => m.Kind != "symptom").Select(m => m.Evidence?.Address).OfType<RecordAddress>().ToHashSet();
        var others = ObjectMoments.Of(signals, analysis).Concat(EventMoments.Of(signals, analysis)).Concat(TelemetryMoments.Of(signals, analysis));
        return [.. important, .. others.Where(m => m.Evidence is { } evidence && !told.Contains(evidence.Address)).DistinctBy(m => (m.At, m.Says))];
    }

    /// <summary>A restart is a time stamp in an annotation, which says nothing to a tired reader; and an alert is called one already.</summary>
    private static Moment Plainer(Moment moment, SignalSet signals) =>
        moment.Kind == "alert" && moment.Says.StartsWith("alert ", StringComparison.Ordinal) ? moment with { Says = moment.Says["alert ".Length..] }
        : moment.Kind == "change" && signals.Changes.FirstOrDefault(c => c.Evidence == moment.Evidence?.Address && c.At == moment.At && c.Fields.Count > 0 && c.Fields.All(ObjectMoments.IsRestart)) is { } restart
            ? moment with { Says = ObjectMoments.Says(restart), Evidence = moment.Evidence! with { Says = ObjectMoments.Says(restart) } } : moment;

    private static (DateTimeOffset From, DateTimeOffset To) Interval(SignalSet signals, AnalysisResult analysis, TimelineChoice choice, List<Moment> all)
    {
        if (all.Count == 0) return (choice.From ?? DateTimeOffset.MinValue, choice.To ?? DateTimeOffset.MaxValue);
        var end = signals.Window == default ? all.Max(m => m.At) : signals.Window.To;
        var (from, to) = analysis.Onset is { } onset ? (onset.Earliest - Around, onset.Latest + Around) : (end - WithoutOnset, end);
        // A cause from long before belongs to the story.
        if (all.Where(m => m.Rank == 0).Select(m => m.At).DefaultIfEmpty(from).Min() is var first && first < from) from = first;
        if (all.Min(m => m.At) is var begin && begin > from) from = begin;
        // A day's end is not to be cut off by the last second.
        return (choice.From ?? from, choice.To ?? (to > end ? end.AddSeconds(1) : to));
    }

    private static void Leave(List<LeftOut> left, string what, int count, string how)
    {
        if (count > 0) left.Add(new(what, count, how));
    }
}
