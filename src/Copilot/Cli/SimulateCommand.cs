using System.CommandLine;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using MediatR;

namespace Copilot.Cli;

/// <summary><c>copilot simulate</c></summary>
internal static class SimulateCommand
{
    public static Command Create(CommandLine cli)
    {
        var incident = new IncidentOptions();
        var list = new Option<bool>("--list") { Description = "Show what can go wrong" };
        var json = new Option<bool>("--json") { Description = "As JSON (with --list)" };
        var recipe = new Option<string?>("--recipe") { HelpName = "FILE", Description = "Write the cases of a recipe file, each to DIR/<id>, and compare their digests" };
        var cases = new Option<string[]>("--case") { HelpName = "ID", AllowMultipleArgumentsPerToken = true, Description = "Only these cases (with --recipe)" };
        var update = new Option<bool>("--update") { Description = "Put the digests of this simulator into the recipe file (with --recipe)" };
        var output = new Option<string?>("--out", "-o") { HelpName = "DIR", Description = "A folder that is empty or does not exist" };
        var check = new Option<bool>("--check") { Description = "Judge from the files alone whether what was written could have happened; exit code 1 when not" };
        var reveal = new Option<bool>("--reveal") { Description = "Print the root causes" };
        var serve = new Option<string?>("--serve") { HelpName = "SNAPSHOT", Description = "Play the systems that a snapshot was recorded from, on this machine, until interrupted" };
        var port = new Option<int>("--port") { HelpName = "PORT", Description = "That of the first system, the others follow (with --serve; default: any free ones)" };
        var script = new Option<string?>("--script") { HelpName = "FILE", Description = "What model servers answer, turn by turn (with --serve)" };
        var command = new Command("simulate", "Write a simulated incident: to rehearse, to test, to measure; or play one.") { list, json };
        foreach (var option in incident.All.Concat([recipe, cases, update, output, check, reveal, serve, port, script])) command.Add(option);
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) =>
        {
            var given = command.Options.Where(o => parsed.GetResult(o) is { Implicit: false }).ToHashSet();
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var place = parsed.GetValue(output);
            if (parsed.GetValue(list))
            {
                OnlyWith("--list", given, [list, json]);
                return List(mediator, parsed.GetValue(json), terminal, cancellation);
            }
            if (parsed.GetValue(serve) is { } snapshot)
            {
                OnlyWith("--serve", given, [serve, port, script]);
                return Serve(mediator, new(snapshot, parsed.GetValue(script), parsed.GetValue(port), started => Started(started, terminal)), terminal, cancellation);
            }
            if (given.FirstOrDefault(o => o == port || o == script) is { } alone) throw new BadInputException($"{alone.Name} goes with --serve SNAPSHOT. Add that, or take {alone.Name} away.");
            if (given.Contains(json)) throw new BadInputException("--json goes with --list. Add --list, or take --json away.");
            if (parsed.GetValue(recipe) is not { } file)
            {
                if (given.FirstOrDefault(o => o == cases || o == update) is { } lonely) throw new BadInputException($"{lonely.Name} goes with --recipe FILE. Add that, or take {lonely.Name} away.");
                return One(mediator, new(incident.Read(parsed), place ?? throw NoPlace(), parsed.GetValue(incident.Scale), parsed.GetValue(check), null), parsed.GetValue(reveal), terminal, cancellation);
            }
            if (parsed.GetValue(update))
            {
                OnlyWith("--update", given, [recipe, update]);
                return Update(mediator, file, terminal, cancellation);
            }
            OnlyWith("--recipe", given, [recipe, cases, output, check, reveal]);
            return Recipe(mediator, new(file, parsed.GetValue(cases) ?? [], place ?? throw NoPlace(), parsed.GetValue(check), _ => { }, null), parsed.GetValue(reveal), terminal, cancellation);
        }));
        return command;
    }

    private static BadInputException NoPlace() => new("Where to write is not said. Add --out DIR.");

    private static void OnlyWith(string what, HashSet<Option> given, Option[] allowed)
    {
        if (given.Except(allowed).FirstOrDefault() is { } other) throw new BadInputException($"{other.Name} says nothing to {what}. Take one of the two away.");
    }

    private static async Task<int> List(IMediator mediator, bool json, Terminal terminal, CancellationToken cancellation)
    {
        var faults = await mediator.Send(new ListFaults(), cancellation);
        if (json)
        {
            terminal.Line(JsonSerializer.Serialize(faults.Select(f => new { name = f.Name, mechanism = f.Mechanism, cause = f.Cause, patterns = f.Patterns, summary = f.Summary }), SnapshotCommand.Indented));
            return ExitCode.Done;
        }
        terminal.Table(["name", "mechanism", "cause", "patterns", "what is done"], faults.Select(f => new[] { f.Name, f.Mechanism, f.Cause, string.Join(", ", f.Patterns), f.Summary }));
        terminal.Line($"{faults.Count} kinds of faults, {faults.Select(f => f.Mechanism).Distinct().Count()} mechanisms, {faults.Sum(f => f.Patterns.Count)} kinds with a pattern; and none");
        return ExitCode.Done;
    }

    private static async Task<int> One(IMediator mediator, SimulateIncident request, bool reveal, Terminal terminal, CancellationToken cancellation)
    {
        WrittenIncident? written = null;
        await terminal.WithProgress("simulating", 1, async report => written = await mediator.Send(request with { Progress = report }, cancellation));
        var w = written!;
        var directory = PlainText.Clean(w.Directory);
        terminal.Line(directory);
        terminal.Line($"  {Size(w.Bytes)}, {w.Digest}");
        terminal.Line($"  {w.Services} services, {w.Rate} requests per second{(request.Size is { } size ? $" (chosen for {size})" : "")}, {w.From:yyyy-MM-dd HH:mm:ss} to {w.To:HH:mm:ss} UTC, simulator {w.Simulator}");
        if (reveal) Reveal(w.Causes, terminal);
        else terminal.Line("  The answer is not shown. It lies in the folder (ground_truth.yaml), which an investigation never opens; --reveal prints it.");
        var code = Checked(w.Check, "", terminal);
        if (w.IsSnapshot) terminal.Line($"Next: copilot investigate {directory}");
        return code;
    }

    private static async Task<int> Recipe(IMediator mediator, SimulateRecipe request, bool reveal, Terminal terminal, CancellationToken cancellation)
    {
        var (worst, kept, bytes) = (ExitCode.Done, 0, 0L);
        var written = new List<WrittenCase>();
        await terminal.WithProgress("simulating", 1, report => mediator.Send(request with { Done = written.Add, Progress = report }, cancellation));
        foreach (var one in written.OrderBy(w => w.Id, StringComparer.Ordinal))
        {
            if (one.Wrong is { } wrong)
            {
                terminal.Note(PlainText.Clean(wrong));
                worst = ExitCode.Failed;
                continue;
            }
            (kept, bytes) = (kept + 1, bytes + one.Bytes);
            terminal.Line($"{one.Id}  {Size(one.Bytes)}  {one.Digest}");
            if (reveal) Reveal(one.Causes, terminal);
            worst = Math.Max(worst, Checked(one.Check, $"{one.Id}: ", terminal));
        }
        terminal.Line($"{kept} of {written.Count} cases written to {PlainText.Clean(request.Directory)}, {Size(bytes)}{(kept < written.Count ? $"; {written.Count - kept} have another digest and were not kept" : "")}");
        return worst;
    }

    private static async Task<int> Update(IMediator mediator, string file, Terminal terminal, CancellationToken cancellation)
    {
        UpdatedRecipe? updated = null;
        await terminal.WithProgress("simulating", 1, async report => updated = await mediator.Send(new UpdateRecipe(file, report), cancellation));
        OutputFile.Write(file, updated!.Text);
        terminal.Line($"{PlainText.Clean(file)}: {updated.Cases} cases, {Size(updated.Bytes)}; {updated.Changed} digests changed, all are of simulator {updated.Simulator}");
        return ExitCode.Done;
    }

    private static async Task<int> Serve(IMediator mediator, ServeStandIns request, Terminal terminal, CancellationToken cancellation)
    {
        var asked = await mediator.Send(request, cancellation);
        terminal.Line($"Stopped. Requests: {string.Join(", ", asked.Select(a => $"{a.System} {a.Requests}"))}");
        return ExitCode.Done;
    }

    private static void Started(StartedStandIns started, Terminal terminal)
    {
        foreach (var left in started.LeftOut) terminal.Note(PlainText.Clean($"not played: {left}"));
        terminal.Line(PlainText.Clean($"Playing {started.Snapshot} as it was at its end, {started.End:yyyy-MM-dd HH:mm:ss} UTC"));
        terminal.Table(["system", "address", "answers from"], started.All.Select(s => new[] { s.System, s.Address.ToString(), s.Holds }));
        terminal.Line($"export KUBECONFIG={started.Kubeconfig}   # may do everything");
        terminal.Line($"export KUBECONFIG={started.Reader}   # may only read");
        terminal.Line("Nothing is written to the snapshot. Interrupt to stop.");
    }

    private static void Reveal(IReadOnlyList<WrittenCause> causes, Terminal terminal)
    {
        if (causes.Count == 0) terminal.Line("  Nothing is wrong.");
        foreach (var c in causes) terminal.Line("  " + PlainText.Clean($"Root cause: {c.Name} ({c.Mechanism}: {c.Fault}) at {c.At:HH:mm:ss}: {c.Says}"));
    }

    private static int Checked(CheckedRecording? check, string name, Terminal terminal)
    {
        if (check is null) return ExitCode.Done;
        foreach (var broken in check.Broken) terminal.Line($"  {name}{PlainText.Clean(broken)}");
        var missing = check.Missing.Count > 0 ? $", without {string.Join(", ", check.Missing)}" : "";
        if (check.Broken.Count == 0) terminal.Line($"  {name}all {check.Rules} rules hold that had something to check{missing}");
        return check.Broken.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Size(long bytes) => bytes >= 1_000_000_000 ? $"{bytes / 1e9:0.00} GB" : $"{bytes / 1e6:0.0} MB";
}
