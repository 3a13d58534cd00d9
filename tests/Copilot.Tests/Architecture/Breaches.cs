using Xunit;

namespace Copilot.Tests.Architecture;

internal static class Breaches
{
    /// <summary>Fails with every difference in full: the usual assertions cut long collections short.</summary>
    public static void AreListed(IEnumerable<string> found, params string[] listed)
    {
        var all = found.ToList();
        var differences = all.Except(listed).Select(b => $"not listed: {b}")
            .Concat(listed.Except(all).Select(b => $"listed, but gone: {b}")).ToList();
        if (differences is not []) Assert.Fail(string.Join(Environment.NewLine, differences));
    }
}
