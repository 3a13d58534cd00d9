using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Serilog;

namespace Copilot.Cli;

/// <summary>Serves in this process.</summary>
/// <param name="data">The data folder as the person named it.</param>
/// <param name="port">Null for that of the settings.</param>
/// <param name="started">Is told the address, and the token that was made at the first start.</param>
/// <param name="cancellation">Ends it in an orderly way.</param>
internal delegate Task ServeHost(string? data, int? port, Action<Uri, string?> started, CancellationToken cancellation);

/// <summary>Is a witness in this process, until it is told to stop.</summary>
/// <param name="said">Is told what happens, line by line.</param>
internal delegate Task WitnessHost(WitnessSetup setup, Action<string> said, CancellationToken cancellation);

/// <summary>Plays the executor's half of an incident: serves, and starts an executor as a process of its own.</summary>
/// <param name="below">The folder in the data folder in which it is played.</param>
/// <param name="told">Is given each scene as it is over.</param>
/// <returns>Whether it ended as it should.</returns>
internal delegate Task<bool> ExecutorRehearsal(string? data, string below, string incident, string snapshot, Action<RehearsedScene> told, CancellationToken cancellation);

/// <summary>The command line: parses, sends a use case, renders. One file for each verb.</summary>
/// <param name="services">Builds what verbs need, from the data folder and a folder in it.</param>
/// <param name="serve">Serves until it is told to stop.</param>
/// <param name="witness">Witnesses until it is told to stop.</param>
/// <param name="rehearsal">Plays an executor.</param>
internal sealed class CommandLine(Func<string?, string?, ServiceProvider> services, ServeHost serve, WitnessHost witness, ExecutorRehearsal rehearsal)
{
    private readonly Option<string?> _data = new("--data") { Description = "The folder for the copilot's own files (default: COPILOT_DATA, else $XDG_DATA_HOME/copilot)", Recursive = true, HelpName = "DIR" };

    public RootCommand Build()
    {
        var root = new RootCommand("Finds the root causes of an incident from its evidence, cites every claim, and changes nothing.");
        root.Add(_data);
        root.Add(DemoCommand.Create(this));
        root.Add(InvestigateCommand.Create(this));
        root.Add(TimelineCommand.Create(this));
        root.Add(LogsCommand.Create(this));
        root.Add(EnrichCommand.Create(this));
        root.Add(HandoffCommand.Create(this));
        root.Add(ChangeRequestCommand.Create(this));
        root.Add(IncidentsCommand.Create(this));
        root.Add(ApprovalsCommand.Create(this));
        root.Add(ExecutorsCommand.Create(this));
        root.Add(SimulateCommand.Create(this));
        root.Add(BenchCommand.Create(this));
        root.Add(SnapshotCommand.Create(this));
        root.Add(RunbooksCommand.Create(this));
        root.Add(ReceiptsCommand.Create(this));
        root.Add(PolicyCommand.Create(this));
        root.Add(IdentityCommand.Create(this));
        root.Add(ServeCommand.Create(this));
        root.Add(DoctorCommand.Create(this));
        return root;
    }

    public static async Task<int> Run(RootCommand root, string[] args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        try
        {
            return await Parsed(root, args, output, error, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Help and mistakes are written outside of any verb, and the disk may be full there as well.
            await error.WriteLineAsync(Unwritten(e));
            return ExitCode.BadInput;
        }
    }

    private static async Task<int> Parsed(RootCommand root, string[] args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var mistake in parsed.Errors) await error.WriteLineAsync($"copilot: {mistake.Message}");
            await error.WriteLineAsync($"Try: {Usage(parsed)} --help");
            return ExitCode.BadInput;
        }
        // Without a verb there is nothing to do but to say what there is.
        if (parsed.Action is null) parsed = root.Parse([.. args, "--help"]);
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) }, cancellation);
    }

    /// <summary>Serves, and turns whatever goes wrong into a sentence and an exit code.</summary>
    public Task<int> Serve(ParseResult parsed, int? port, Action<Uri, string?> started, CancellationToken cancellation) => Guarded(parsed, cancellation, async () =>
    {
        await serve(parsed.GetValue(_data), port, started, cancellation);
        return ExitCode.Done;
    });

    /// <summary>Witnesses, and turns whatever goes wrong into a sentence and an exit code.</summary>
    public Task<int> Witness(ParseResult parsed, WitnessSetup setup, Action<string> said, CancellationToken cancellation) => Guarded(parsed, cancellation, async () =>
    {
        await witness(setup, said, cancellation);
        return ExitCode.Done;
    });

    public Task<bool> Rehearse(ParseResult parsed, string below, string incident, string snapshot, Action<RehearsedScene> told, CancellationToken cancellation) => rehearsal(parsed.GetValue(_data), below, incident, snapshot, told, cancellation);

    /// <summary>Runs a verb: builds the services, hands over the mediator, and turns whatever goes wrong into a sentence and an exit code.</summary>
    /// <param name="below">A folder in the data folder that is used instead; null for the data folder itself.</param>
    public Task<int> Act(ParseResult parsed, CancellationToken cancellation, Func<IMediator, ServiceProvider, Task<int>> act, string? below = null) => Guarded(parsed, cancellation, async () =>
    {
        await using var provider = services(parsed.GetValue(_data), below);
        try
        {
            return await act(provider.GetRequiredService<IMediator>(), provider);
        }
        catch (Exception e) when (e is not (BadInputException or OperationCanceledException))
        {
            provider.GetRequiredService<ILogger>().Fatal(e, "internal error");
            throw;
        }
    });

    private static async Task<int> Guarded(ParseResult parsed, CancellationToken cancellation, Func<Task<int>> work)
    {
        var error = parsed.InvocationConfiguration.Error;
        try
        {
            return await work();
        }
        catch (BadInputException e)
        {
            // All faults of a file come together, one a line.
            foreach (var line in e.Message.Split('\n')) await error.WriteLineAsync($"copilot: {PlainText.Clean(line)}");
            return ExitCode.BadInput;
        }
        catch (Exception e) when (e is OperationCanceledException || cancellation.IsCancellationRequested)
        {
            await error.WriteLineAsync("copilot: interrupted; nothing half-done is left behind");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk or a closed pipe where results go is no defect of the program.
            await error.WriteLineAsync(Unwritten(e));
            return ExitCode.BadInput;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync($"copilot: internal error ({e.GetType().Name}); this is a defect. The log in the data folder has the details.");
            return ExitCode.InternalError;
        }
    }

    private static string Unwritten(Exception e) =>
        $"copilot: {PlainText.Clean(e.Message).TrimEnd('.')}. Free some space, or check the rights where results and the data folder are written.";

    private static string Usage(ParseResult parsed)
    {
        var names = new List<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult) names.Insert(0, command.Command.Name);
        names[0] = "copilot";
        return string.Join(' ', names);
    }
}
