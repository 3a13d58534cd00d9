using Xunit;

namespace Copilot.Tests.Support;

/// <summary>Figures that a run should show whether or not a test fails. <c>test.sh</c> names the file in COPILOT_TEST_REPORT and prints it at the end.</summary>
internal static class TestReport
{
    private static readonly Lock Gate = new();

    public static void Line(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        if (Environment.GetEnvironmentVariable("COPILOT_TEST_REPORT") is not { Length: > 0 } file) return;
        lock (Gate) File.AppendAllText(file, text + Environment.NewLine);
    }
}
