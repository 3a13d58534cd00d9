using System.CommandLine;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using MediatR;

namespace Copilot.Cli;

/// <summary><c>copilot investigate</c></summary>
internal static class InvestigateCommand
{
    public static Command Create(CommandLine cli)
    {
        var snapshots = new Argument<string[]>("SNAPSHOT") { Arity = ArgumentArity.ZeroOrMore, Description = "A directory with the evidence of an incident, or a .tar.zst, .tar.gz or .zip of one" };
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write the diagnosis to this file (one snapshot)" };
        var outputDir = new Option<string?>("--output-dir") { HelpName = "DIR", Description = "Write DIR/<snapshot name>.json for each snapshot" };
        var format = new Option<string?>("--format") { HelpName = "text|json|markdown", Description = "How to show or write it (default: text on the terminal, json in files)" };
        format.AcceptOnlyFromAmong("text", "json", "markdown");
        var json = new Option<bool>("--json") { Description = "The same as --format json" };
        var explain = new Option<bool>("--explain") { Description = "Show how the candidates were weighed (with --format text)" };
        var sample = new Option<bool>("--sample") { Description = "Investigate a small simulated incident that the copilot writes itself" };
        var seed = new Option<long>("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "Which simulated incident (with --sample)" };
        var incident = new Option<string?>("--incident") { HelpName = "ID", Description = "The incident that it belongs to (default: the open one of the same snapshot, else a new one)" };
        var severity = new Option<string?>("--severity") { HelpName = "sev1..sev4", Description = "How bad it is; policy may ask for it" };
        severity.AcceptOnlyFromAmong("sev1", "sev2", "sev3", "sev4");
        var environment = new Option<string?>("--environment") { HelpName = "NAME", Description = "Where it is, as the policy names it, such as prod (default: the settings; unknown is stricter)" };
        var command = new Command("investigate", "Find the root causes in one or more incident snapshots.") { snapshots, output, outputDir, format, json, explain, incident, severity, environment, sample, seed };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var request = new Request(
                [.. parsed.GetValue(snapshots) ?? []], parsed.GetValue(output), parsed.GetValue(outputDir), parsed.GetValue(json) ? "json" : parsed.GetValue(format), parsed.GetValue(explain),
                new(parsed.GetValue(incident), parsed.GetValue(severity), parsed.GetValue(environment)), [.. command.Options.Select(o => o.Name)]);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(sample)) request.Paths.Add(await mediator.Send(new WriteSample(parsed.GetValue(seed)), cancellation));
            return await Run(mediator, request, terminal, cancellation);
        }));
        return command;
    }

    private sealed record Request(List<string> Paths, string? Output, string? OutputDir, string? Format, bool Explain, IncidentScope Scope, IReadOnlyList<string> Options);

    private static async Task<int> Run(IMediator mediator, Request request, Terminal terminal, CancellationToken cancellation)
    {
        if (request.Output is "" || request.OutputDir is "") throw new BadInputException("--output and --output-dir take a name, and an empty one is given. Is a variable unset?");
        if (request is { Output: not null, OutputDir: not null }) throw new BadInputException("--output and --output-dir exclude each other.");
        // Where any number of paths may stand, the parser takes a mistyped option for one of them.
        if (request.Paths.Find(p => p.StartsWith('-') && !Path.Exists(p)) is { } option)
            throw BadInputException.UnknownOption(option, request.Options);
        // A glob picks up other files too: they are named and left, unless nothing else is there.
        var paths = request.Paths;
        if (paths.Count > 1 && paths.Exists(SnapshotSource.IsCandidate))
        {
            foreach (var other in paths.Where(p => !SnapshotSource.IsCandidate(p)))
                terminal.Note($"skipped {PlainText.Clean(other)}: a file that is no archive of a snapshot");
            paths = paths.FindAll(SnapshotSource.IsCandidate);
        }
        if (request.Output is not null && paths.Count > 1) throw new BadInputException($"--output takes one snapshot, and {paths.Count} are given. Use --output-dir DIR.");

        var worst = ExitCode.Done;
        var shown = new SortedDictionary<int, InvestigationOutcome>();
        await terminal.WithProgress("reading", paths.Count, report => mediator.Send(new InvestigateSnapshots(paths, request.Scope, Finished, report), cancellation));
        foreach (var outcome in shown.Values) Show(outcome, request, paths.Count > 1, terminal);
        if (request is { Format: "json", OutputDir: null, Output: null }) terminal.Json(shown.Values.Select(o => o.Diagnosis).OfType<Diagnosis>().ToList(), paths.Count > 1);
        return worst;

        void Finished(InvestigationOutcome outcome)
        {
            // Written at once: what is done stays done when a later one is interrupted.
            if (outcome.Diagnosis is { } diagnosis && FileFor(outcome, request) is { } file) OutputFile.Write(file, Render(outcome, request.Format ?? "json", request.Explain));
            shown[paths.IndexOf(outcome.Path)] = outcome;
            worst = Worse(worst, CodeOf(outcome));
        }
    }

    private static string? FileFor(InvestigationOutcome outcome, Request request) =>
        request.Output ?? (request.OutputDir is { } dir ? Path.Combine(dir, outcome.Name + (request.Format switch { "markdown" => ".md", "text" => ".txt", _ => ".json" })) : null);

    private static string Render(InvestigationOutcome outcome, string format, bool explain) => format switch
    {
        "markdown" => DiagnosisMarkdown.Write(outcome.Diagnosis!),
        "text" => DiagnosisView.Plain(outcome, explain),
        _ => DiagnosisJson.Write(outcome.Diagnosis!),
    };

    private static void Show(InvestigationOutcome outcome, Request request, bool several, Terminal terminal)
    {
        foreach (var skipped in outcome.Skipped) terminal.Note(PlainText.Clean($"{outcome.Name}: {skipped}"));
        if (outcome.Diagnosis is not { } diagnosis)
        {
            terminal.Note(PlainText.Clean($"{(several ? outcome.Name + ": " : "")}{outcome.Refused}"));
            return;
        }
        if (FileFor(outcome, request) is { } file) terminal.Line(several ? OneLine(outcome) : $"{OneLine(outcome)}\nwritten to {PlainText.Clean(file)}");
        else if (request.Format == "markdown") terminal.Raw(DiagnosisMarkdown.Write(diagnosis));
        else if (request.Format != "json") terminal.Show(outcome, request.Explain);
    }

    private static string OneLine(InvestigationOutcome outcome)
    {
        var d = outcome.Diagnosis!;
        var factors = d.ContributingFactors.Count == 0 ? d.Summary : string.Join(", ", d.ContributingFactors.Select(f => $"{f.Name} ({f.Mechanism}, {f.Confidence:0.00})"));
        return PlainText.Clean($"{outcome.Name}: {DiagnosisMarkdown.Words(d.Status)}: {factors}");
    }

    private static int CodeOf(InvestigationOutcome outcome) => outcome.Diagnosis?.Status switch
    {
        null => ExitCode.BadInput,
        DiagnosisStatus.Resolved or DiagnosisStatus.NoIncident => ExitCode.Done,
        _ => ExitCode.Inconclusive,
    };

    /// <summary>Of several, the worst: bad input, then inconclusive, then done.</summary>
    private static int Worse(int a, int b) => a == ExitCode.BadInput || b == ExitCode.BadInput ? ExitCode.BadInput : Math.Max(a, b);
}
