using System.CommandLine;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals.People;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot identity</c></summary>
internal static class IdentityCommand
{
    public static Command Create(CommandLine cli) => new("identity", "The people who may be asked, their accounts and their keys.") { Enrol(cli), Link(cli), List(cli) };

    private static Option<string?> Directory() => new("--directory") { HelpName = "FILE", Description = "The directory of people (default: Copilot:Approvals:Directory of the settings)" };

    private static Option<string?> Key() => new("--key") { HelpName = "FILE", Description = "The private key (default: $XDG_CONFIG_HOME/copilot/PERSON.key, else ~/.config/copilot/PERSON.key)" };

    private static Argument<string> Person() => new("PERSON") { Description = "The id of a person in the directory" };

    private static Command Enrol(CommandLine cli)
    {
        var (person, directory, key) = (Person(), Directory(), Key());
        var command = new Command("enrol", "Make a key for yourself and put its public half into the directory, or print the line for whoever keeps it.") { person, directory, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new EnrolPerson(parsed.GetValue(person)!, parsed.GetValue(directory), parsed.GetValue(key)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(done.IsMade ? $"made the key {done.KeyFile}; keep it to yourself, and keep a copy" : $"used the key {done.KeyFile}, which was there and is not overwritten");
            Write(output, done.Outcome, $"enrolled the key {done.Key.Id:x8} of {done.Person}");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Link(CommandLine cli)
    {
        var (person, directory, key) = (Person(), Directory(), Key());
        var identity = new Argument<string>("IDENTITY") { Description = $"An account of yours: {LinkedIdentity.Forms}" };
        var command = new Command("link", "Say that an account is yours; the key that you have enrolled proves it.") { person, identity, directory, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var done = await mediator.Send(new LinkIdentity(parsed.GetValue(person)!, parsed.GetValue(identity)!, parsed.GetValue(directory), parsed.GetValue(key)), cancellation);
            Write(parsed.InvocationConfiguration.Output, done.Outcome, $"linked {done.Identity} to {done.Person}, {(done.ProvenBy is { } proof ? $"proven by the key {proof.Id:x8}" : "unproven, as no key is enrolled")}");
            return ExitCode.Done;
        }));
        return command;
    }

    // Raw: what is copied from here must be what is meant. The directory was read, so nothing in it hides.
    private static void Write(TextWriter output, DirectoryOutcome outcome, string done)
    {
        if (outcome.Unwritten is null)
        {
            output.WriteLine($"{done} in {outcome.File}, line {outcome.Edit?.Line}");
            return;
        }
        var where = outcome.Edit switch
        {
            { IsNew: true, Line: var line } => $"adds this after line {line - 1}",
            { Line: var line } => $"changes line {line} to this",
            null => "adds this to the person",
        };
        output.WriteLine($"{outcome.File} was not changed: {outcome.Unwritten}. Whoever keeps it {where}:");
        output.WriteLine(outcome.Text);
    }

    private static Command List(CommandLine cli)
    {
        var directory = Directory();
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("list", "List people, groups, accounts and keys, and say who you are.") { directory, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var listed = await mediator.Send(new ListIdentities(parsed.GetValue(directory)), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(json)) terminal.Raw(ReadableJson.Write(Json(listed)));
            else IdentityView.Write(terminal, listed);
            return ExitCode.Done;
        }));
        return command;
    }

    private static JsonObject Json(ListedIdentities listed) => new()
    {
        ["directory"] = listed.Directory.File,
        ["digest"] = listed.Directory.Digest,
        ["groups"] = Texts(listed.Directory.Groups),
        ["people"] = new JsonArray([.. listed.Directory.People.Select(p => new JsonObject
        {
            ["id"] = p.Id,
            ["name"] = p.Name,
            ["disabled"] = p.Disabled,
            ["groups"] = Texts(p.Groups),
            ["identities"] = Texts(p.Identities),
            ["keys"] = Texts(p.Keys.Select(k => $"{k.Id:x8}")),
        })]),
        ["services"] = new JsonArray([.. listed.Directory.Services.Select(s => new JsonObject { ["id"] = s.Id, ["identities"] = Texts(s.Identities) })]),
        ["without_key"] = Texts(listed.WithoutKey.Select(p => p.Id)),
        ["you"] = new JsonObject { ["identity"] = listed.You, ["person"] = listed.Person?.Id, ["service"] = listed.Service?.Id },
    };

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
}
