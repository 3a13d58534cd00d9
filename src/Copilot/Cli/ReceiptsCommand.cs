using System.CommandLine;
using System.Text;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot receipts</c></summary>
internal static class ReceiptsCommand
{
    private static readonly Dictionary<string, ReceiptExport> Forms = new()
    {
        ["bundle"] = ReceiptExport.Bundle,
        ["cloudevents"] = ReceiptExport.CloudEvents,
        ["in-toto"] = ReceiptExport.InToto,
        ["otlp"] = ReceiptExport.Otlp,
    };

    public static Command Create(CommandLine cli) =>
        new("receipts", "Look into the log of what the copilot did, hand it out, and verify it.")
        {
            List(cli), Show(cli), Search(cli), Story(cli), Prove(cli), Export(cli), Verify(cli), Redact(cli), Hold(cli), Expire(cli), Keys(cli), CheckpointCommand.Create(cli), WitnessCommand.Create(cli),
        };

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
                terminal.Raw(JsonSerializer.Serialize(receipts.Select(r => new { seq = r.Seq, id = r.Id, utc = r.At.UtcDateTime, type = r.Type, stream = r.Stream, subject = r.Subject, leaf = r.Leaf }), ReadableJson.Options) + "\n");
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
        var text = CanonicalJson.TryParse(receipt, out var value, out string _) ? value!.ToJsonString(ReadableJson.Options) : Encoding.UTF8.GetString(receipt);
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

    private static Command Search(CommandLine cli)
    {
        var text = new Argument<string[]>("WORD") { Arity = ArgumentArity.OneOrMore, Description = "What must be there, in upper or lower case" };
        var incident = new Option<string?>("--incident") { HelpName = "ID", Description = "Only receipts of this incident" };
        var last = new Option<int>("--last") { HelpName = "N", DefaultValueFactory = _ => 20, Description = "At most so many, the newest" };
        var command = new Command("search", "Look for words in receipts and in the values that they commit to.") { text, incident, last };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var hits = await mediator.Send(new SearchReceipts(string.Join(' ', parsed.GetValue(text)!), parsed.GetValue(incident), parsed.GetValue(last)), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (hits.Found.Count == 0) terminal.Line($"nothing in {hits.Looked} receipts");
            else terminal.Table(["seq", "time (UTC)", "type", "where", "what"], hits.Found.Select(h => new[] { $"{h.Seq}", $"{h.At:yyyy-MM-dd HH:mm:ss}", h.Type, h.Where, h.Excerpt }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Story(CommandLine cli)
    {
        var incident = Incident();
        var command = new Command("story", "Tell what happened in one incident, as its receipts have it.") { incident };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var story = await mediator.Send(new TellStory(parsed.GetValue(incident)!), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(PlainText.Clean(story.Title));
            var (run, day) = ("", "");
            foreach (var line in story.Lines)
            {
                if ((line.Run ?? "") != run) output.WriteLine(line.Run is null ? "" : $"\nRun {line.Run}");
                if ($"{line.At:yyyy-MM-dd}" != day) output.WriteLine($"{line.At:yyyy-MM-dd} UTC");
                (run, day) = (line.Run ?? "", $"{line.At:yyyy-MM-dd}");
                output.WriteLine($"  {line.At:HH:mm:ss}  {PlainText.Clean(line.Who)} {line.Says}  [{line.Seq}]");
            }
            return ExitCode.Done;
        }));
        return command;
    }

    private static Argument<string> Incident() => new("INCIDENT") { Description = "The incident's id, its first or last characters, or: last" };

    private static Command Export(CommandLine cli)
    {
        var output = new Option<string>("--out", "-o") { HelpName = "FILE", Required = true, Description = "Where to write, such as receipts.zip" };
        var incident = new Option<string?>("--incident") { HelpName = "ID", Description = "Only the receipts of this incident and of the log itself, each with its proof" };
        var form = new Option<string>("--format") { DefaultValueFactory = _ => "bundle", Description = "A bundle that can be verified, CloudEvents, an in-toto statement of one incident, or OpenTelemetry spans" };
        form.AcceptOnlyFromAmong([.. Forms.Keys]);
        var without = new Option<bool>("--without-values") { Description = "Leave out the values that receipts commit to: what was read, notes, policies" };
        var command = new Command("export", "Hand the log out, or one incident of it: in one zip that can be verified, or in other forms.") { output, incident, form, without };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new ExportReceipts(parsed.GetValue(output)!, parsed.GetValue(incident), Forms[parsed.GetValue(form)!], !parsed.GetValue(without)), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{done.Count} receipts written to {PlainText.Clean(parsed.GetValue(output)!)}\nTo find out later whether any are gone, keep this elsewhere: {done.Size}:{done.Root}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Option<string> Reason() => new("--reason") { HelpName = "TEXT", Required = true, Description = "Why, in a sentence: it stays in the log for ever" };

    private static Command Redact(CommandLine cli)
    {
        var receipt = new Argument<string>("RECEIPT") { Description = "The number or the id of a receipt" };
        var pointer = new Option<string?>("--pointer") { HelpName = "PLACE", Description = "Which value, such as /body/result, where there are several" };
        var reason = Reason();
        var command = new Command("redact", "Remove a value that a receipt commits to. The receipt and every proof stay valid.") { receipt, pointer, reason };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new RedactReceipt(parsed.GetValue(receipt)!, parsed.GetValue(pointer), parsed.GetValue(reason)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"the value at {done.Pointer} of receipt {done.Seq} is gone; receipt {done.By} says by whom and why");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Hold(CommandLine cli)
    {
        var incident = new Argument<string?>("INCIDENT") { Arity = ArgumentArity.ZeroOrOne, Description = "The incident's id, its first or last characters, or: last; without one all holds are listed" };
        var release = new Option<bool>("--release") { Description = "Release the hold" };
        var reason = new Option<string?>("--reason") { HelpName = "TEXT", Description = "Why, in a sentence: it stays in the log for ever" };
        var command = new Command("hold", "Keep everything of an incident: nothing of it is removed until the hold is released.") { incident, release, reason };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(incident) is { } named)
            {
                var hold = await mediator.Send(new PlaceHold(named, parsed.GetValue(release), parsed.GetValue(reason) ?? ""), cancellation);
                terminal.Line(parsed.GetValue(release) ? $"incident {hold.Incident} is no longer on hold" : $"incident {hold.Incident} is on hold: nothing of it is removed until it is released");
                return ExitCode.Done;
            }
            var holds = await mediator.Send(new ListHolds(), cancellation);
            if (holds.Count == 0) terminal.Line("no holds");
            else terminal.Table(["incident", "since (UTC)", "by", "why"], holds.Select(h => new[] { h.Incident, $"{h.At:yyyy-MM-dd HH:mm:ss}", h.By, h.Reason }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Expire(CommandLine cli)
    {
        var dry = new Option<bool>("--dry-run") { Description = "Only say how many" };
        var command = new Command("expire", "Remove the values whose time is over (appsettings.json, Retention); what is on hold stays.") { dry };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new ExpireOpenings(parsed.GetValue(dry)), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{done.Removed} values {(parsed.GetValue(dry) ? "would be removed" : "removed")}, {done.Held} kept because of a hold");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Keys(CommandLine cli)
    {
        var list = new Command("list", "The keys that the log was and is signed with.");
        list.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var keys = await mediator.Send(new ListKeys(), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (keys.Count == 0) terminal.Line("no key yet: the first receipt makes one");
            // Not as a table, which would shorten what has to be copied whole.
            foreach (var key in keys) terminal.Raw($"{(key.IsCurrent ? "current" : "retired"),-8} from receipt {key.Seq} of {key.At:yyyy-MM-dd HH:mm:ss} UTC: {key.Key}\n");
            return ExitCode.Done;
        }));
        var rotate = new Command("rotate", "Pass the log on to a new key. The old one signs that, and is then deleted.");
        rotate.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var key = await mediator.Send(new RotateKey(), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"from receipt {key.Seq} on the log is signed with {key.Key}\nGive it to whoever verifies (keys/receipts.pub). Who has an earlier key can go on with that one: bundles show how it passed on.");
            return ExitCode.Done;
        }));
        return new("keys", "The keys that sign the log.") { list, rotate };
    }

    private static Command Verify(CommandLine cli)
    {
        var bundle = new Argument<string?>("BUNDLE") { Arity = ArgumentArity.ZeroOrOne, Description = "A bundle, or the proof of one receipt; without one the log in the data folder" };
        var key = new Option<string?>("--key") { HelpName = "FILE", Description = "The log's public key from its owner (keys/receipts.pub)" };
        var expect = new Option<string?>("--expect") { HelpName = "SIZE:ROOT", Description = "A head that you kept: tells whether receipts were removed since" };
        var witnessKeys = new Option<string[]>("--witness-key") { HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Description = "The public key of a witness from its owner (witness.pub), several times if need be (default for your own log: Copilot:Receipts:Witnesses of the settings)" };
        var witnesses = new Option<int?>("--witnesses") { HelpName = "K", Description = "How many of these witnesses must have cosigned the checkpoint (default: all, or what the settings say)" };
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
