using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Tests.Support.SimpleEngines;

/// <summary>"What changed last?": the object that a person or delivery tooling changed last before the first new alert.</summary>
internal static class LatestChange
{
    // Alert rules are evaluated every minute or so, and a change may be dated by the observation after it.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan InstallTakes = TimeSpan.FromMinutes(5);
    private const int InstalledTogether = 8;

    public static EntityRef? Find(SignalSet signals)
    {
        var until = Onset(signals) + Slack;
        return signals.Changes.Where(c => c.At <= until && c.Actor.Class is ActorClass.Person or ActorClass.Automation && !IsInstallation(signals, c))
            .OrderByDescending(c => c.At).ThenBy(c => c.Entity).FirstOrDefault()?.Entity;
    }

    /// <summary>When the first alert began that the first observation does not hold yet; without one, the middle of the recording.</summary>
    private static DateTimeOffset Onset(SignalSet signals)
    {
        DateTimeOffset? first = signals.Alerts.Observations is [var earliest, ..] ? earliest : null;
        return signals.Alerts.Alerts.Where(a => a.FirstSeen > first).Min(a => a.FirstActive ?? (DateTimeOffset?)a.FirstSeen)
            ?? signals.Window.From + (signals.Window.Length / 2);
    }

    /// <summary>Whether it made an object along with many others of its namespace: that is how an application gets there.</summary>
    private static bool IsInstallation(SignalSet signals, ObjectChange change) =>
        change.Kind == ChangeKind.Created
        && signals.Changes.Count(c => c.Kind == ChangeKind.Created && c.Entity.Namespace == change.Entity.Namespace && (c.At - change.At).Duration() < InstallTakes)
            >= InstalledTogether;
}
