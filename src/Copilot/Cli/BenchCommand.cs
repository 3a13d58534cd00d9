using System.CommandLine;
using System.Globalization;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot bench import | run | score | compare | export | dataset | fit | ablate</c></summary>
internal static class BenchCommand
{
    public static Command Create(CommandLine cli) => new("bench", "Measure engines on incidents whose causes are known.") { Import(cli), Run(cli), Score(cli), Compare(cli), Export(cli), BenchDatasetCommand.Create(cli), BenchFitCommand.Fit(cli), BenchFitCommand.Ablate(cli) };

    private static Command Import(CommandLine cli)
    {
        var source = new Argument<string>("SRC") { Description = "A folder or an archive of a public data set" };
        var format = new Option<string>("--format") { HelpName = string.Join('|', ImportBench.Formats), Required = true, Description = "What it is (docs/evaluation-data.md)" };
        format.AcceptOnlyFromAmong([.. ImportBench.Formats]);
        var output = new Option<string>("--out", "-o") { HelpName = "SUITE", Required = true, Description = "The data set to make, or one to add the cases to" };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "What to call a new data set (default: as its folder)" };
        var command = new Command("import", "Make cases of a public data set, and a draft that lists them.") { source, format, output, name };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var terminal = TerminalOf(parsed);
            var place = parsed.GetValue(output)!;
            var imported = await mediator.Send(new ImportBench(parsed.GetValue(format)!, parsed.GetValue(source)!, place, parsed.GetValue(name), terminal.Passing, remark => terminal.Note(PlainText.Clean(remark))), cancellation);
            terminal.Passed();
            foreach (var defect in imported.Defects) terminal.Line(PlainText.Clean(defect));
            if (imported.Kept > 0) terminal.Line($"{imported.Kept} cases were there already, unchanged");
            terminal.Line($"splits: {imported.Draft.Splits}");
            terminal.Line($"{imported.Written} cases written to {PlainText.Clean(place)}, {imported.Draft.Title} has {imported.Draft.Cases}; next: copilot bench run {PlainText.Clean(place)} --out RUN");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Run(CommandLine cli)
    {
        var sources = new Argument<string[]>("SUITE_OR_DIR") { Arity = ArgumentArity.OneOrMore, Description = "Data sets, recipe files, cases, recordings with a ground_truth.yaml (folders or archives), or folders of them" };
        var output = new Option<string>("--out", "-o") { HelpName = "DIR", Required = true, Description = "The folder of the run; one that was broken off goes on" };
        var engine = new Option<string[]>("--engine") { HelpName = "NAME", DefaultValueFactory = _ => [BenchEngines.Deterministic], Description = $"What to measure, several times if need be: {string.Join(", ", BenchEngines.Names)}" };
        var repeats = new Option<int>("--repeats") { HelpName = "N", DefaultValueFactory = _ => 3, Description = "Attempts of each engine at each case" };
        var parallel = new Option<int?>("--parallel") { HelpName = "N", Description = "Cases at a time (default: one a core); latency and memory are cleanest with 1" };
        var split = new Option<string?>("--split") { HelpName = "dev|test|holdout", Description = "Only these cases of data sets" };
        split.AcceptOnlyFromAmong("dev", "test", "holdout");
        var version = new Option<string?>("--version") { HelpName = "N|draft", Description = "Of the data set (default: the last published, else the draft)" };
        var command = new Command("run", "Put every case before every engine, and report how they did.") { sources, output, engine, repeats, parallel, split, version };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var terminal = TerminalOf(parsed);
            var request = new RunBench(
                parsed.GetValue(sources)!, parsed.GetValue(output)!, parsed.GetValue(engine)!, parsed.GetValue(repeats), parsed.GetValue(parallel), parsed.GetValue(split),
                BenchDatasetCommand.Version(parsed.GetValue(version)), remark => terminal.Note(PlainText.Clean(remark)), null);
            BenchOutcome? outcome = null;
            await terminal.WithTimeLeft("results", async progress => outcome = await mediator.Send(request with { Progress = progress }, cancellation));
            Show(outcome!, terminal);
            terminal.Line($"report: {PlainText.Clean(Path.Combine(request.Output, "report.html"))}");
            terminal.Line(outcome!.Summary);
            return outcome.Ok ? ExitCode.Done : ExitCode.Inconclusive;
        }));
        return command;
    }

    private static Command Score(CommandLine cli)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run" };
        var partial = new Option<bool>("--partial") { Description = "Score what is there of a run that was broken off" };
        var command = new Command("score", "Score the kept results of a run again, and write its reports anew.") { run, partial };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var outcome = await mediator.Send(new ScoreBench(parsed.GetValue(run)!, parsed.GetValue(partial)), cancellation);
            Show(outcome, TerminalOf(parsed));
            TerminalOf(parsed).Line(outcome.Summary);
            return outcome.Ok ? ExitCode.Done : ExitCode.Inconclusive;
        }));
        return command;
    }

    private static Command Compare(CommandLine cli)
    {
        var first = new Argument<string>("A") { Description = "The folder of a run" };
        var second = new Argument<string>("B") { Description = "The folder of another run of the same cases" };
        var engine = new Option<string[]>("--engine") { HelpName = "NAME", Description = "Only these engines; A=B compares one of the first run with another of the second (default: those in both)" };
        var common = new Option<bool>("--common") { Description = "Compare the cases that both have in the same state, and say which those are" };
        var output = new Option<string?>("--out", "-o") { HelpName = "FILE", Description = "Write the comparison: .html, .md or .json by its ending" };
        var command = new Command("compare", "Compare two runs, case by case. Exit code 1 when the second is worse.") { first, second, engine, common, output };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var comparison = await mediator.Send(new CompareBench(parsed.GetValue(first)!, parsed.GetValue(second)!, parsed.GetValue(engine) ?? [], parsed.GetValue(common)), cancellation);
            if (parsed.GetValue(output) is { } file) OutputFile.Write(file, comparison.Text(Path.GetExtension(file)) ?? throw new BadInputException($"{file} ends in none of .html, .md and .json. Give it one of these endings."));
            Show(comparison, TerminalOf(parsed));
            TerminalOf(parsed).Line(comparison.Summary);
            return comparison.Ok ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command Export(CommandLine cli)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run" };
        var format = new Option<string>("--format") { HelpName = "itbench-aa", Required = true, Description = "The form of the submission" };
        format.AcceptOnlyFromAmong("itbench-aa");
        var engine = new Option<string?>("--engine") { HelpName = "NAME", Description = "Whose answers (default: the only engine of the run)" };
        var output = new Option<string>("--out", "-o") { HelpName = "DIR", Required = true, Description = "A folder that is empty or does not exist" };
        var command = new Command("export", "Write the answers of a run in the form that a public benchmark takes.") { run, format, engine, output };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var exported = await mediator.Send(new ExportBench(parsed.GetValue(run)!, parsed.GetValue(engine), parsed.GetValue(output)!), cancellation);
            foreach (var remark in exported.Remarks) TerminalOf(parsed).Note(PlainText.Clean(remark));
            TerminalOf(parsed).Line(string.Create(CultureInfo.InvariantCulture, $"{exported.Answers} answers of {exported.Engine} to {exported.Cases} cases written to {PlainText.Clean(parsed.GetValue(output)!)}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static void Show(BenchOutcome outcome, Terminal terminal)
    {
        foreach (var table in outcome.Tables)
        {
            terminal.Heading(table.Title, table.Note);
            terminal.Table(table.Heads, table.Rows);
        }
        foreach (var remark in outcome.Remarks) terminal.Line(PlainText.Clean(remark));
    }

    internal static Terminal TerminalOf(ParseResult parsed) => new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
}
