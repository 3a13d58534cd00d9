using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Bench.Baselines;

/// <summary>"What changed last?": the object of the application that a person or delivery tooling changed last before the alerts began.</summary>
internal static class LatestChange
{
    // An alert is dated by the evaluation of its rule, and a change by the observation after it where nothing better is known.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan InstallTakes = TimeSpan.FromMinutes(5);
    private const int InstalledTogether = 8;

    public static EntityRef? Find(SignalSet signals)
    {
        var application = ApplicationNamespace.Of(signals);
        var until = Onset(signals, application) + Slack;
        return signals.Changes
            // Rights are given to observers, such as the recorder, and break nothing.
            .Where(c => c.At <= until && c.Entity.Namespace == application && c.Entity.Kind != "RoleBinding")
            .Where(c => c.Actor.Class is ActorClass.Person or ActorClass.Automation && !IsInstallation(signals, c))
            .OrderByDescending(c => c.At).ThenBy(c => c.Entity).FirstOrDefault()?.Entity;
    }

    /// <summary>
    /// When the first of the application's alerts began that fire at the end and did not at the first observation: those that always fire, and those that
    /// came and went, say nothing. Without any, the middle of the recording.
    /// </summary>
    private static DateTimeOffset Onset(SignalSet signals, string? application)
    {
        var middle = signals.Window.From + (signals.Window.Length / 2);
        if (signals.Alerts.Observations is not [var first, .., var last]) return middle;
        return signals.Alerts.Alerts.Where(a => a.Label("namespace") == application && a.LastSeen == last && a.LastActive > first).Min(a => a.LastActive) ?? middle;
    }

    /// <summary>Whether it made an object along with many others of its namespace: that is how an application gets there.</summary>
    private static bool IsInstallation(SignalSet signals, ObjectChange change) =>
        change.Kind == ChangeKind.Created && InstalledTogether <= signals.Changes.Count(c =>
            c.Kind == ChangeKind.Created && c.Entity.Namespace == change.Entity.Namespace && (c.At - change.At).Duration() < InstallTakes);
}
