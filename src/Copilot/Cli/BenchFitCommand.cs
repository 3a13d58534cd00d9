using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot bench fit | ablate</c></summary>
internal static class BenchFitCommand
{
    public static Command Fit(CommandLine cli)
    {
        var (sources, parallel) = (Sources(), Parallel());
        var output = new Option<string>("--out", "-o") { HelpName = "FILE", Required = true, Description = "The file of parameters to write" };
        var folds = new Option<int>("--folds") { HelpName = "N", DefaultValueFactory = _ => 5, Description = "Parts of the cross-validation; what is alike stays in one part" };
        var seed = new Option<int>("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "Of the parts: the same seed and data give the same file" };
        var command = new Command("fit", "Fit the parameters of the analysis to cases whose causes are known, and tell how good they are on cases kept aside.") { sources, output, folds, seed, parallel };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var terminal = BenchCommand.TerminalOf(parsed);
            var request = new FitBench(parsed.GetValue(sources)!, parsed.GetValue(folds), parsed.GetValue(seed), parsed.GetValue(parallel), remark => terminal.Note(PlainText.Clean(remark)), null);
            FittedParameters? fitted = null;
            await terminal.WithTimeLeft("cases", async progress => fitted = await mediator.Send(request with { Progress = progress }, cancellation));
            OutputFile.Write(parsed.GetValue(output)!, fitted!.File);
            terminal.Raw(fitted.Report);
            terminal.Line($"parameters: {PlainText.Clean(parsed.GetValue(output)!)}");
            return ExitCode.Done;
        }));
        return command;
    }

    public static Command Ablate(CommandLine cli)
    {
        var (sources, parallel) = (Sources(), Parallel());
        var parameters = new Option<string?>("--parameters") { HelpName = "FILE", Description = "Parameters of the analysis (default: those that the product carries)" };
        var command = new Command("ablate", "Measure what each feature of the analysis is worth: the score without it, as a table in Markdown.") { sources, parameters, parallel };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var terminal = BenchCommand.TerminalOf(parsed);
            var request = new AblateBench(parsed.GetValue(sources)!, parsed.GetValue(parameters), parsed.GetValue(parallel), remark => terminal.Note(PlainText.Clean(remark)), null);
            var report = "";
            await terminal.WithTimeLeft("cases", async progress => report = await mediator.Send(request with { Progress = progress }, cancellation));
            terminal.Raw(report);
            return ExitCode.Done;
        }));
        return command;
    }

    private static Argument<string[]> Sources() => new("DATASET") { Arity = ArgumentArity.OneOrMore, Description = "What bench run takes: data sets, recipe files, cases, recordings with a ground_truth.yaml, or folders of them" };

    private static Option<int?> Parallel() => new("--parallel") { HelpName = "N", Description = "Cases at a time (default: one a core)" };
}
