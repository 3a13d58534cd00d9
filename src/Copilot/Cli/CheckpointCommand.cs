using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot receipts checkpoint</c></summary>
internal static class CheckpointCommand
{
    public static Command Create(CommandLine cli)
    {
        var witness = new Option<string[]>("--witness") { HelpName = "URL", AllowMultipleArgumentsPerToken = true, Description = "A witness to cosign it, such as http://127.0.0.1:7434; several times if need be (default: Copilot:Receipts:Witnesses of the settings)" };
        var key = new Option<string[]>("--witness-key") { HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Description = "For each --witness its public key from its owner (witness.pub), in the same order" };
        var output = new Option<string?>("--out", "-o") { HelpName = "FILE", Description = "Where to write the checkpoint with all cosignatures, to be kept or posted elsewhere" };
        var timeout = new Option<int>("--timeout") { HelpName = "SECONDS", DefaultValueFactory = _ => 10, Description = "How long a witness may take" };
        var command = new Command("checkpoint", "Sign a checkpoint over every receipt now, and have witnesses cosign it.") { witness, key, output, timeout };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new SignCheckpoint(parsed.GetValue(witness) ?? [], parsed.GetValue(key) ?? [], parsed.GetValue(output), TimeSpan.FromSeconds(parsed.GetValue(timeout))), cancellation);
            var console = parsed.InvocationConfiguration.Output;
            console.WriteLine($"{done.Size}:{done.Root}");
            foreach (var line in done.Said) console.WriteLine(line);
            if (parsed.GetValue(output) is { } file) console.WriteLine($"checkpoint written to {PlainText.Clean(file)}");
            return done.Missing == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
