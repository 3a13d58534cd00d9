using Copilot.Core.Actions;
using Copilot.Core.Analysis;
using Copilot.Storage.Runbooks;
using Copilot.Tests.Support;

namespace Copilot.Tests.Actions;

/// <summary>The runbooks of the repository.</summary>
internal static class ShippedRunbooks
{
    public static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "runbooks");

    public static IReadOnlyList<string> Mechanisms { get; } = [.. Enum.GetValues<Mechanism>().Select(m => m.WireName())];

    public static RunbookSet Load() => RunbookLoader.Load(Folder, Mechanisms);
}
