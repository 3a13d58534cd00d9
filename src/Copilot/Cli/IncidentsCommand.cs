using System.CommandLine;
using System.Text.Json;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot incidents</c></summary>
internal static class IncidentsCommand
{
    public static Command Create(CommandLine cli) => new("incidents", "What was investigated, how it ended, and whether it was right.") { List(cli), Show(cli), Feedback(cli), Close(cli) };

    private static Argument<string> Id() => new("ID") { Description = "The incident's id, its first or last characters, or: last" };

    private static Command List(CommandLine cli)
    {
        var open = new Option<bool>("--open") { Description = "Only those that are open" };
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("list", "All incidents, the newest first.") { open, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var incidents = await mediator.Send(new ListIncidents(parsed.GetValue(open)), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(json))
                terminal.Line(JsonSerializer.Serialize(incidents.Select(i => new
                {
                    id = i.Incident.Id,
                    name = i.Incident.Name,
                    opened_at = i.Incident.OpenedAt,
                    closed_at = i.Incident.ClosedAt,
                    resolution = i.Incident.Resolution,
                    severity = i.Incident.Severity,
                    environment = i.Incident.Environment,
                    investigations = i.Investigations,
                    status = i.Status,
                    summary = i.Summary,
                    verdict = i.Verdict,
                }), SnapshotCommand.Indented));
            else if (incidents.Count == 0) terminal.Line("No incident yet. \"copilot investigate SNAPSHOT\" opens one.");
            else
                terminal.Table(["id", "incident", "opened (UTC)", "state", "diagnosis", "feedback"],
                    incidents.Select(i => new[] { i.Incident.Id, i.Incident.Name, $"{i.Incident.OpenedAt:yyyy-MM-dd HH:mm}", State(i.Incident.Resolution), i.Status.Length > 0 ? $"{i.Status.Replace('_', ' ')}: {Cut(i.Summary)}" : "not finished", i.Verdict }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var id = Id();
        var json = new Option<bool>("--json") { Description = "The last diagnosis as JSON" };
        var command = new Command("show", "One incident: its investigations, the last diagnosis and the feedback.") { id, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var details = await mediator.Send(new ShowIncident(parsed.GetValue(id)!), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var last = details.Investigations is [.., var newest] ? newest : null;
            if (parsed.GetValue(json))
            {
                if (last is null) throw new BadInputException($"No investigation of incident {details.Incident.Id} was finished.");
                terminal.Raw(last.Diagnosis);
                return ExitCode.Done;
            }
            var incident = details.Incident;
            terminal.Line(PlainText.Clean($"{incident.Id}  {incident.Name}  {State(incident.Resolution)}"));
            terminal.Line($"severity {PlainText.Clean(incident.Severity)}, environment {PlainText.Clean(incident.Environment)}, opened {incident.OpenedAt:yyyy-MM-dd HH:mm:ss} UTC{(incident.ClosedAt is { } at ? $", closed {at:yyyy-MM-dd HH:mm:ss} UTC" : "")}");
            terminal.Line(PlainText.Clean($"evidence: {incident.Source}"));
            foreach (var run in details.Investigations) terminal.Line(PlainText.Clean($"investigated {run.At:yyyy-MM-dd HH:mm:ss} UTC: {run.Status.Replace('_', ' ')}, receipts {run.FirstSeq} to {run.LastSeq}"));
            foreach (var said in details.Feedback)
                terminal.Line(PlainText.Clean($"{said.By} at {said.At:yyyy-MM-dd HH:mm:ss} UTC: {said.Verdict}{(said.TrueCauses.Count > 0 ? $", it was {string.Join(", ", said.TrueCauses)}" : "")}{(said.Note is null ? "" : $": {said.Note}")}"));
            if (last is null) return ExitCode.Done;
            terminal.Line("");
            terminal.Show(DiagnosisJson.Read(last.Diagnosis));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Feedback(CommandLine cli)
    {
        var id = Id();
        var verdict = new Argument<string>("VERDICT") { Description = "right or wrong" };
        verdict.AcceptOnlyFromAmong("right", "wrong");
        var causes = new Option<string[]>("--cause") { HelpName = "NAME[:MECHANISM]", Description = "What it really was, such as shop/ConfigMap/pricing:configuration-change; several if there were several" };
        var note = new Option<string?>("--note") { HelpName = "TEXT", Description = "Anything else" };
        var command = new Command("feedback", "Say whether the diagnosis was right, and what the cause was if not.") { id, verdict, causes, note };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var incident = await mediator.Send(new GiveFeedback(parsed.GetValue(id)!, parsed.GetValue(verdict)!, parsed.GetValue(causes) ?? [], parsed.GetValue(note)), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(PlainText.Clean($"recorded for {incident.Id} {incident.Name}: {parsed.GetValue(verdict)}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Close(CommandLine cli)
    {
        var id = Id();
        var resolution = new Option<string>("--resolution") { HelpName = "HOW", DefaultValueFactory = _ => "resolved", Description = "resolved, no-fault, duplicate or abandoned" };
        resolution.AcceptOnlyFromAmong("resolved", "no-fault", "duplicate", "abandoned");
        var command = new Command("close", "Close an incident.") { id, resolution };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var incident = await mediator.Send(new CloseIncident(parsed.GetValue(id)!, parsed.GetValue(resolution)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(PlainText.Clean($"closed {incident.Id} {incident.Name}: {parsed.GetValue(resolution)}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static string State(string? resolution) => resolution is null ? "open" : $"closed: {resolution}";

    private static string Cut(string text) => text.Length <= 90 ? text : text[..90] + "…";
}
