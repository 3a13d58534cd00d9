using System.CommandLine;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot policy test</c></summary>
internal static class PolicyTestCommand
{
    public static Command Create(CommandLine cli)
    {
        var paths = new Argument<string[]>("FILE_OR_DIR") { Arity = ArgumentArity.OneOrMore, Description = "Policies, their tests (NAME.tests.yaml beside NAME.yaml), or directories of them" };
        var format = new Option<string>("--format") { HelpName = "text|json", DefaultValueFactory = _ => "text", Description = "How to show it" };
        format.AcceptOnlyFromAmong("text", "json");
        var junit = new Option<string?>("--junit") { HelpName = "FILE", Description = "Write the results as JUnit XML as well" };
        var sarif = new Option<string?>("--sarif") { HelpName = "FILE", Description = "Write what failed and what no case covers as SARIF 2.1.0 as well" };
        var least = new Option<int?>("--min-coverage") { HelpName = "PERCENT", Description = "Fail when the cases cover less of the rules and conditions" };
        var command = new Command("test", "Run the tests beside policies, and say what of the policies they do not reach.") { paths, format, junit, sarif, least };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var minimum = parsed.GetValue(least);
            if (minimum is < 0 or > 100) throw new BadInputException($"{minimum} is no percentage. Write --min-coverage with a number from 0 to 100.");
            var report = await mediator.Send(new TestPolicies(parsed.GetValue(paths)!), cancellation);
            if (parsed.GetValue(junit) is { } junitFile) OutputFile.Write(junitFile, PolicyTestJUnit.Write(report));
            if (parsed.GetValue(sarif) is { } sarifFile) OutputFile.Write(sarifFile, PolicyTestSarif.Write(report));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == "json") output.Write(PolicyTestJson.Write(report));
            else foreach (var line in PolicyTestView.Lines(report, minimum)) output.WriteLine(line);
            return report.Ok && !(report.Percent < minimum) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
