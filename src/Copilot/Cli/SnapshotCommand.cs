using System.CommandLine;
using System.Text;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot snapshot info | show | verify | export</c></summary>
internal static class SnapshotCommand
{
    public static Command Create(CommandLine cli) =>
        new("snapshot", "Look into a snapshot: what it holds, single records, the citations of a diagnosis.") { Info(cli), Show(cli), Verify(cli), Export(cli) };

    private static Argument<string> Snapshot() => new("SNAPSHOT") { Description = "A directory or an archive" };

    private static Command Info(CommandLine cli)
    {
        var path = Snapshot();
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("info", "Say what a snapshot holds, from when to when, and what of it cannot be used.") { path, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var d = await mediator.Send(new DescribeSnapshot(parsed.GetValue(path)!), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(json))
            {
                terminal.Raw(JsonSerializer.Serialize(
                    new
                    {
                        name = d.Name,
                        window = d.Signals.Window == default ? null : new { from = d.Signals.Window.From, to = d.Signals.Window.To },
                        sources = d.Signals.Coverage.Select(c => new { source = c.Source.ToString().ToLowerInvariant(), state = c.State.ToString().ToLowerInvariant(), files = c.Files, records = c.Records, bytes = c.Bytes, from = c.Seen?.From, to = c.Seen?.To }),
                        gaps = d.Signals.Gaps.Select(g => new { source = g.Source.ToString().ToLowerInvariant(), kind = g.Kind.ToString().ToLowerInvariant(), where = g.Where, count = g.Count, detail = g.Detail, remedy = g.Remedy }),
                    },
                    Indented) + "\n");
                return ExitCode.Done;
            }
            terminal.Line($"{PlainText.Clean(d.Name)}{(d.Signals.Window == default ? "" : $"  {d.Signals.Window.From:yyyy-MM-dd HH:mm:ss} to {d.Signals.Window.To:HH:mm:ss} UTC")}");
            terminal.Table(
                ["source", "state", "files", "records", "MB", "from", "to"],
                d.Signals.Coverage.Select(c => new[] { c.Source.ToString().ToLowerInvariant(), State(c.State), $"{c.Files}", $"{c.Records}", $"{c.Bytes / 1e6:0.0}", $"{c.Seen?.From:HH:mm:ss}", $"{c.Seen?.To:HH:mm:ss}" }));
            terminal.Line($"{d.Signals.Services.Select(s => s.Service).Distinct().Count()} services, {d.Signals.Calls.Count} call paths, {d.Signals.Cluster.Workloads.Count(w => w.Header.Owner is null)} workloads, {d.Signals.Cluster.Pods.Count} pods, {d.Signals.Changes.Count} object changes, {d.Signals.Events.Count} events, {d.Signals.Alerts.Alerts.Count} alerts, {d.Signals.Logs.Count} log templates");
            foreach (var gap in d.Signals.Gaps) terminal.Line($"not seen: {PlainText.Clean(gap.Where)}: {PlainText.Clean(gap.Detail)}{(gap.Count > 1 ? $" ({gap.Count} times)" : "")}. {gap.Remedy}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var path = Snapshot();
        var addresses = new Argument<string[]>("ADDRESS") { Arity = ArgumentArity.OneOrMore, Description = "Addresses of records, such as k8s_events_raw.tsv#12" };
        var command = new Command("show", "Show records by their address, as a diagnosis cites them.") { path, addresses };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            foreach (var record in await mediator.Send(new ShowRecords(parsed.GetValue(path)!, parsed.GetValue(addresses)!), cancellation))
            {
                output.WriteLine($"{record.Address}  {record.Digest}");
                output.WriteLine(PlainText.Clean(Encoding.UTF8.GetString(record.Bytes)));
            }
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Verify(CommandLine cli)
    {
        var diagnosis = new Argument<string>("DIAGNOSIS") { Description = "A diagnosis in JSON" };
        var path = Snapshot();
        var command = new Command("verify", "Check every citation of a diagnosis against the snapshot, from scratch.") { diagnosis, path };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var report = await mediator.Send(new VerifyDiagnosis(parsed.GetValue(diagnosis)!, parsed.GetValue(path)!), cancellation);
            foreach (var fault in report.Faults) parsed.InvocationConfiguration.Error.WriteLine($"copilot: {PlainText.Clean(fault)}");
            parsed.InvocationConfiguration.Output.WriteLine(report.Faults.Count == 0 ? $"all {report.Checked} citations hold" : $"{report.Faults.Count} faults in {report.Checked} citations");
            return report.Faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command Export(CommandLine cli)
    {
        var path = Snapshot();
        var output = new Option<string>("--output", "-o") { HelpName = "DIR", Required = true, Description = "An empty or new directory" };
        var format = new Option<string>("--format") { HelpName = "itbench", DefaultValueFactory = _ => "itbench", Description = "The layout to write" };
        format.AcceptOnlyFromAmong("itbench");
        var command = new Command("export", "Write a snapshot in the ITBench layout.") { path, output, format };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new ExportSnapshot(parsed.GetValue(path)!, parsed.GetValue(output)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{done.Files} files written to {done.Directory}{(done.LeftOut > 0 ? $"; {done.LeftOut} records could not be read and are not in it" : "")}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static string State(SourceState state) => state switch { SourceState.NotRecorded => "not recorded", SourceState.Empty => "empty", SourceState.Partial => "partial", _ => "complete" };

    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };
}
