using System.Globalization;
using Copilot.Tests.Approvals;
using Copilot.Tests.Storage;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Copilot.Tests;

/// <summary>The test runner, or a process that a test starts to kill it or to trace its calls: that one must not spend seconds on finding tests.</summary>
internal static class Program
{
    public const string Child = "child";

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [Child, AppendingProcess.Append, var folder, var count, var stream]:
                AppendingProcess.DoAppend(folder, int.Parse(count, CultureInfo.InvariantCulture), stream);
                return 0;
            case [Child, AppendingProcess.AppendAndSay, var folder, var count, var stream]:
                AppendingProcess.DoAppendAndSay(folder, int.Parse(count, CultureInfo.InvariantCulture), stream);
                return 0;
            case [Child, RacingProcess.Race, var folder]:
                RacingProcess.DoRace(folder);
                return 0;
            default:
                // As the entry point that xunit would generate.
                return args.Contains("--server") || args.Contains("--internal-msbuild-node")
                    ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                    : await ConsoleRunner.Run(args);
        }
    }
}
