using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Which changes are looked at as possible causes at all.</summary>
internal static class ChangeSelection
{
    private static readonly TimeSpan InstallTakes = TimeSpan.FromMinutes(5);

    /// <summary>Changes that are no part of the installation of their namespace's objects.</summary>
    public static IEnumerable<ObjectChange> Relevant(AnalysisContext context) =>
        // What a control loop makes follows from something else.
        context.Signals.Changes.Where(c => !(c.Kind == ChangeKind.Created && c.Actor.Class == ActorClass.Controller) && !IsInstallation(context, c) && c.At <= context.Signals.Window.To + TimeSpan.FromMinutes(1));

    /// <summary>
    /// Whether it belongs to a burst in which many objects of the namespace were made: then the whole application is new, and nothing in particular
    /// changed.
    /// </summary>
    private static bool IsInstallation(AnalysisContext context, ObjectChange change)
    {
        var created = context.Signals.Changes.Where(c => c.Kind == ChangeKind.Created && c.Entity.Namespace == change.Entity.Namespace && (c.At - change.At).Duration() < InstallTakes);
        return created.Count() >= 8 && (context.Onset is null || change.At < context.Onset.Earliest - InstallTakes);
    }
}
