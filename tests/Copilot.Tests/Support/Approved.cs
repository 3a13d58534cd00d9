using System.Runtime.CompilerServices;
using Xunit;

namespace Copilot.Tests.Support;

/// <summary>Compares a text with the approved one beside the test. A difference is written next to it as <c>.received</c>, to be read and, if right, renamed.</summary>
internal static class Approved
{
    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        var approved = Path.Combine(Path.GetDirectoryName(caller)!, "Approved", name);
        var text = actual.ReplaceLineEndings("\n");
        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == text)
        {
            File.Delete(approved + ".received");
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(approved)!);
        File.WriteAllText(approved + ".received", text);
        Assert.Fail($"{name} is not as approved. Compare {approved} with the .received file beside it; if the new one is right, rename it.");
    }
}
