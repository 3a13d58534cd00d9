using System.CommandLine;

namespace Copilot.Cli;

/// <summary><c>copilot receipts witness</c></summary>
internal static class WitnessCommand
{
    public static Command Create(CommandLine cli)
    {
        var state = new Option<string>("--state") { HelpName = "DIR", Required = true, Description = "The witness's own folder: its key, and what it cosigned; made at the first start" };
        var logs = new Option<string[]>("--log") { HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true, Description = "The public key of a log that it knows (keys/receipts.pub), several times if need be" };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "What the witness is called, at the first start, such as witness.example.com/w1 (default: a new name)" };
        var listen = new Option<string>("--listen") { HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:7434", Description = "Where it listens; port 0 for any free one" };
        var command = new Command("witness", "Be a witness: cosign checkpoints of logs, and refuse those that contradict what was cosigned before. Best on another machine, by somebody else.") { state, logs, name, listen };
        command.SetAction((parsed, cancellation) =>
        {
            var gate = new Lock();
            var output = parsed.InvocationConfiguration.Output;
            void Say(string line)
            {
                lock (gate)
                {
                    output.WriteLine(line);
                    output.Flush();
                }
            }
            return cli.Witness(parsed, new(parsed.GetValue(state)!, parsed.GetValue(logs)!, parsed.GetValue(name), parsed.GetValue(listen)!), Say, cancellation);
        });
        return command;
    }
}
