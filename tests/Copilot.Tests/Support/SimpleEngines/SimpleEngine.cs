using Copilot.Bench.Baselines;
using Copilot.Core.Signals;

namespace Copilot.Tests.Support.SimpleEngines;

/// <summary>What an engine is given.</summary>
/// <param name="Name">The snapshot's name.</param>
/// <param name="Directory">Where it lies; only <c>truth</c> looks there.</param>
/// <param name="Signals">What the product extracts from it, so that no engine sees more than another.</param>
internal sealed record CaseEvidence(string Name, string Directory, SignalSet Signals);

/// <summary>
/// An engine that follows one simple idea. A root-cause engine is useful only as far as it beats these, and the truth shows that the harness can give full
/// marks.
/// </summary>
/// <param name="Name">As tables of results show it.</param>
/// <param name="Answer">The root causes as <c>namespace/Kind/name</c>; empty for "nothing is wrong".</param>
internal sealed record SimpleEngine(string Name, Func<CaseEvidence, IReadOnlyList<string>> Answer)
{
    /// <summary>Those that know only what is recorded.</summary>
    public static IReadOnlyList<SimpleEngine> All { get; } =
        [.. BaselineEngine.All.Select(b => new SimpleEngine(b.Name, e => [.. b.Answer(e.Signals, e.Name).Causes.Select(c => c.Name)]))];

    public static SimpleEngine Truth { get; } = new("truth", TrueCauses.Read);
}
