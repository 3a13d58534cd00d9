using System.CommandLine;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using MediatR;

namespace Copilot.Cli;

/// <summary>What the verbs for people on call have in common: which incident, what the evidence does not say, and how to show the answer.</summary>
internal sealed class IncidentArguments
{
    private readonly Argument<string?> _path = new("PATH") { Arity = ArgumentArity.ZeroOrOne, Description = "A directory with the evidence, a .tar.zst, .tar.gz or .zip of one, or the id of an incident (or: last)" };
    private readonly Option<bool> _json = new("--json") { Description = "As JSON" };
    private readonly Option<bool> _sample = new("--sample") { Description = "Take a small simulated incident that the copilot writes itself" };
    private readonly Option<long> _seed = new("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "Which simulated incident (with --sample)" };
    private readonly Option<string?> _severity = new("--severity") { HelpName = "sev1..sev4", Description = "How bad it is; policy may ask for it" };
    private readonly Option<string?> _environment = new("--environment") { HelpName = "NAME", Description = "Where it is, as the policy names it, such as prod (default: the settings; unknown is stricter)" };

    /// <param name="name">The verb.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="own">The verb's own options.</param>
    public Command Verb(string name, string description, params IEnumerable<Option> own)
    {
        _severity.AcceptOnlyFromAmong("sev1", "sev2", "sev3", "sev4");
        var command = new Command(name, description) { _path };
        foreach (var option in own.Concat([_json, _severity, _environment, _sample, _seed])) command.Add(option);
        return command;
    }

    /// <summary>Sends the request for the incident that is named and shows the summary. The exit code is that of <c>investigate</c>.</summary>
    public async Task<int> Run<T>(IMediator mediator, ParseResult parsed, Func<SummarySource, IRequest<SummaryOutcome<T>>> request, Action<Terminal, T> text, Func<T, string> json, CancellationToken cancellation)
    {
        var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var scope = new IncidentScope(null, parsed.GetValue(_severity), parsed.GetValue(_environment));
        var named = await Named(mediator, parsed, cancellation);
        SummaryOutcome<T>? outcome = null;
        await terminal.WithProgress("reading", 1, async report => outcome = await mediator.Send(request(new(named, scope, report)), cancellation));
        foreach (var skipped in outcome!.Skipped) terminal.Note(PlainText.Clean(skipped));
        if (parsed.GetValue(_json)) terminal.Raw(json(outcome.Summary));
        else text(terminal, outcome.Summary);
        return outcome.Status is DiagnosisStatus.Resolved or DiagnosisStatus.NoIncident ? ExitCode.Done : ExitCode.Inconclusive;
    }

    private async Task<string> Named(IMediator mediator, ParseResult parsed, CancellationToken cancellation)
    {
        var path = parsed.GetValue(_path);
        if (parsed.GetValue(_sample)) return path is null ? await mediator.Send(new WriteSample(parsed.GetValue(_seed)), cancellation) : throw new BadInputException("--sample and a snapshot exclude each other.");
        if (path is null) throw new BadInputException("No snapshot is given. Name a directory, a .tar.zst, .tar.gz or .zip of one, or an incident (\"copilot incidents list\"); or add --sample.");
        // Where a path may stand, the parser takes a mistyped option for one.
        if (path.StartsWith('-') && !Path.Exists(path)) throw BadInputException.UnknownOption(path, parsed.CommandResult.Command.Options.Select(o => o.Name));
        return path;
    }
}
