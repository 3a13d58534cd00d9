using Copilot.Core.Analysis;
using Copilot.Core.Evidence;

namespace Copilot.Core.Summaries;

/// <summary>How much a moment matters to somebody who looks for the cause; lower is more. The diagnosis ranks its own from 0 to 4.</summary>
internal static class Rank
{
    /// <summary>A person or a tool did something where things got worse.</summary>
    public const int Intervention = 2;

    public const int Lifecycle = 3;

    public const int Warning = 3;

    public const int Alert = 4;

    /// <summary>Of another part of the cluster, or an alert that ended.</summary>
    public const int Elsewhere = 5;

    /// <summary>Control loops at their work.</summary>
    public const int Machinery = 6;

    /// <summary>What goes on all the time.</summary>
    public const int Everyday = 7;

    // What began earlier than so before things got worse, and goes on, is an old complaint.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(10);

    /// <summary>Of something that went wrong with an object at a time. What belongs to no namespace is seldom of the application, nodes apart.</summary>
    public static int OfTrouble(AnalysisResult analysis, EntityRef entity, DateTimeOffset at) =>
        (entity.Namespace.Length > 0 || entity.Kind == "Node") && analysis.IsNearTrouble(entity) && (analysis.Onset is not { } onset || at >= onset.Earliest - Before) ? Warning : Elsewhere;
}
