using Copilot.Bench.Importers;
using Copilot.Core.Signals;
using Copilot.Engine.Signals;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Importers;

/// <summary>Writes the evidence of imported cases and reads it as the engine does.</summary>
internal static class ImportedCases
{
    /// <summary>Writes into a new folder.</summary>
    public static string Written(this TempFolder folder, ImportedCase imported)
    {
        var target = Directory.CreateDirectory(folder.Combine(Guid.NewGuid().ToString("N"))).FullName;
        imported.WriteSnapshot(target, TestContext.Current.CancellationToken);
        return target;
    }

    /// <summary>What the engine makes of it; nothing of it may be damaged.</summary>
    public static SignalSet Signals(string snapshot)
    {
        var signals = SignalExtraction.Extract(Investigating.Open(snapshot), 2, null, TestContext.Current.CancellationToken).Signals;
        Assert.DoesNotContain(signals.Gaps, g => g.Kind != Copilot.Core.Evidence.GapKind.NotRecorded);
        return signals;
    }

    public static string[] Lines(params string[] path) => File.ReadAllLines(Path.Combine(path));
}
