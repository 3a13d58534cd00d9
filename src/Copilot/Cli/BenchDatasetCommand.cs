using System.CommandLine;
using System.Globalization;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot bench dataset draft | publish | show</c></summary>
internal static class BenchDatasetCommand
{
    public static Command Create(CommandLine cli) => new("dataset", "Keep lists of cases by digest: a draft, and versions that never change.") { Draft(cli), Publish(cli), Show(cli) };

    public static int? Version(string? text) => text switch
    {
        null => null,
        "draft" => 0,
        _ => int.TryParse(text.TrimStart('v'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new BadInputException($"--version is {text}. Give the number of a published version, or draft."),
    };

    private static Command Draft(CommandLine cli)
    {
        var (folder, name) = (Folder(), new Option<string?>("--name") { HelpName = "NAME", Description = "What to call a new data set (default: as its folder)" });
        var command = new Command("draft", "List the cases that lie in the folder now: cases/*/case.yaml and recipe files.") { folder, name };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var draft = await mediator.Send(new DraftDataset(parsed.GetValue(folder)!, parsed.GetValue(name)), cancellation);
            var terminal = BenchCommand.TerminalOf(parsed);
            terminal.Line($"splits: {draft.Splits}");
            terminal.Line($"{draft.Title}: {draft.Cases} cases, {draft.Digest}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Publish(CommandLine cli)
    {
        var (folder, note) = (Folder(), new Option<string>("--note") { HelpName = "TEXT", Required = true, Description = "What changed and why, for the change log" });
        var command = new Command("publish", "Publish the draft as the next version.") { folder, note };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var published = await mediator.Send(new PublishDataset(parsed.GetValue(folder)!, parsed.GetValue(note)!), cancellation);
            var terminal = BenchCommand.TerminalOf(parsed);
            terminal.Line(PlainText.Clean(published.Changes[^1]));
            terminal.Line($"{published.Title}: {published.Cases} cases, {published.Digest}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var (folder, version) = (Folder(), new Option<string?>("--version") { HelpName = "N|draft", Description = "Which (default: the last published, else the draft)" });
        var command = new Command("show", "Show versions, splits and change log, and whether the cases are as listed. Exit code 1 when not.") { folder, version };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var shown = await mediator.Send(new ShowDataset(parsed.GetValue(folder)!, Version(parsed.GetValue(version))), cancellation);
            var terminal = BenchCommand.TerminalOf(parsed);
            foreach (var line in shown.Changes.Concat(shown.Differences)) terminal.Line(PlainText.Clean(line));
            terminal.Line($"published: {(shown.Published.Count == 0 ? "none" : string.Join(", ", shown.Published.Select(v => $"v{v}")))}; splits: {shown.Splits}");
            terminal.Line($"{shown.Title}: {shown.Cases} cases, {shown.Digest}; {(shown.Differences.Count == 0 ? "all are as listed" : $"{shown.Differences.Count} are not as listed")}");
            return shown.Differences.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Argument<string> Folder() => new("SUITE") { Description = "The folder of the data set" };
}
