using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot receipts list | show | prove | export | verify | checkpoint | witness</c></summary>
internal static class ReceiptsCommand
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CommandLine cli) =>
        new("receipts", "Look into the log of what the copilot did, hand it out, and verify it.") { List(cli), Show(cli), Prove(cli), Export(cli), Verify(cli), CheckpointCommand.Create(cli), WitnessCommand.Create(cli) };

    private static Command List(CommandLine cli)
    {
        var incident = new Option<string?>("--incident") { HelpName = "ID", Description = "Only those of this incident; \"reads\" and \"log\" are what belongs to none" };
        var type = new Option<string?>("--type") { HelpName = "T", Description = "Only those of this type, such as tool.result" };
        var last = new Option<int>("--last") { HelpName = "N", DefaultValueFactory = _ => 50, Description = "At most so many, the newest" };
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("list", "List receipts in their order.") { incident, type, last, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var receipts = await mediator.Send(new ListReceipts(parsed.GetValue(incident), parsed.GetValue(type), parsed.GetValue(last)), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(json))
                terminal.Raw(JsonSerializer.Serialize(receipts.Select(r => new { seq = r.Seq, id = r.Id, utc = r.At.UtcDateTime, type = r.Type, stream = r.Stream, subject = r.Subject, leaf = r.Leaf }), Readable) + "\n");
            else if (receipts.Count == 0) terminal.Line("no receipts");
            else terminal.Table(["seq", "time (UTC)", "type", "stream", "about"], receipts.Select(r => new[] { $"{r.Seq}", $"{r.At:yyyy-MM-dd HH:mm:ss}", r.Type, r.Stream, r.About }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var receipt = new Argument<string>("RECEIPT") { Description = "The number or the id of a receipt" };
        var command = new Command("show", "Show one receipt whole, with its leaf hash.") { receipt };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var shown = await mediator.Send(new ShowReceipt(parsed.GetValue(receipt)!), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"receipt {shown.Seq}  leaf {shown.Leaf}  {(shown.SignedIn is { } size ? $"signed in the checkpoint of {size} receipts" : "not signed in a checkpoint yet")}");
            Write(output, shown.Bytes);
            return ExitCode.Done;
        }));
        return command;
    }

    /// <summary>Line by line, since what could reorder or hide text is taken out together with line ends.</summary>
    private static void Write(TextWriter output, ReadOnlySpan<byte> receipt)
    {
        var text = CanonicalJson.TryParse(receipt, out var value, out string _) ? value!.ToJsonString(Readable) : Encoding.UTF8.GetString(receipt);
        foreach (var line in text.Split('\n')) output.WriteLine(new string(' ', line.Length - line.TrimStart(' ').Length) + PlainText.Clean(line));
    }

    private static Command Prove(CommandLine cli)
    {
        var receipt = new Argument<string>("RECEIPT") { Description = "The number or the id of a receipt" };
        var output = new Option<string>("--out", "-o") { HelpName = "FILE", Required = true, Description = "Where to write the proof, such as receipt.tlog-proof" };
        var command = new Command("prove", "Hand one receipt out with the proof that it stands in the signed log, and nothing of the others.") { receipt, output };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new ProveReceipt(parsed.GetValue(receipt)!, parsed.GetValue(output)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"receipt {done.Seq} of {done.Size} and its proof written to {PlainText.Clean(parsed.GetValue(output)!)}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Export(CommandLine cli)
    {
        var output = new Option<string>("--out", "-o") { HelpName = "FILE.zip", Required = true, Description = "Where to write the bundle" };
        var command = new Command("export", "Hand the whole log out: receipts, signed checkpoint and manifest in one zip.") { output };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new ExportReceipts(parsed.GetValue(output)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{done.Size} receipts written to {PlainText.Clean(parsed.GetValue(output)!)}\nTo find out later whether any are gone, keep this elsewhere: {done.Size}:{done.Root}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Verify(CommandLine cli)
    {
        var bundle = new Argument<string?>("BUNDLE") { Arity = ArgumentArity.ZeroOrOne, Description = "A bundle, or the proof of one receipt; without one the log in the data folder" };
        var key = new Option<string?>("--key") { HelpName = "FILE", Description = "The log's public key from its owner (keys/receipts.pub)" };
        var expect = new Option<string?>("--expect") { HelpName = "SIZE:ROOT", Description = "A head that you kept: tells whether receipts were removed since" };
        var witnessKeys = new Option<string[]>("--witness-key") { HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Description = "The public key of a witness from its owner (witness.pub), several times if need be" };
        var witnesses = new Option<int?>("--witnesses") { HelpName = "K", Description = "How many of these witnesses must have cosigned the checkpoint (default: all)" };
        var command = new Command("verify", "Check every receipt, the chain, the signature and what was kept. Needs no network, and for a bundle no data folder.") { bundle, key, expect, witnessKeys, witnesses };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var verdict = await mediator.Send(new VerifyReceipts(parsed.GetValue(bundle), parsed.GetValue(key), parsed.GetValue(expect), parsed.GetValue(witnessKeys), parsed.GetValue(witnesses)), cancellation);
            foreach (var line in verdict.Lines) parsed.InvocationConfiguration.Output.WriteLine(line);
            if (verdict.Receipt is { } proved) Write(parsed.InvocationConfiguration.Output, proved.Span);
            return verdict.Failed == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
