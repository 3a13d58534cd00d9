using System.Text.Json.Nodes;
using Copilot.Core.Approvals.People;
using Copilot.Core.Receipts;
using Copilot.Storage.People;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Makes a person's key, and puts its public half into the directory where that may be written.</summary>
/// <param name="Directory">Null for that of the settings.</param>
/// <param name="KeyFile">Null for the usual place.</param>
internal sealed record EnrolPerson(string Person, string? Directory, string? KeyFile) : IRequest<Enrolment>;

/// <param name="IsMade">Whether the key was made now; else it was there and the directory did not name it yet.</param>
internal sealed record Enrolment(string Person, string KeyFile, bool IsMade, NoteKey Key, DirectoryOutcome Outcome);

/// <summary>What became of the directory.</summary>
/// <param name="Unwritten">Why it was not changed; null when it was.</param>
/// <param name="Edit">What was edited, or would be; null when the place must be found by hand.</param>
/// <param name="Text">The line that is new, else what is to be added.</param>
internal sealed record DirectoryOutcome(string File, string? Unwritten, (int Line, bool IsNew)? Edit, string Text)
{
    /// <param name="byHand">What is to be added where no edit could be made.</param>
    public static DirectoryOutcome Of(DirectoryChange change, string byHand) => new(change.Before.File, change.Unwritten, change.Edit is { } edit ? (edit.Line, edit.IsNew) : null, change.Edit?.Text ?? byHand);
}

internal sealed class EnrolPersonHandler(PeopleSource people, IReceiptRecorder receipts) : IRequestHandler<EnrolPerson, Enrolment>
{
    public Task<Enrolment> Handle(EnrolPerson request, CancellationToken cancellationToken)
    {
        var path = people.Need(request.Directory);
        var person = PeopleSource.Subject(DirectoryLoader.Load(path), request.Person);
        var file = request.KeyFile ?? PersonKey.DefaultFile(person.Id);
        // The key comes first: one that no directory names is of no use, and one that it names must not be lost.
        var isMade = !File.Exists(file);
        using var key = isMade ? PersonKey.Make(file, person.Id) : PersonKey.Read(file, person.Id);
        var change = DirectoryFile.Change(path, (directory, bytes) => Edit(directory, bytes, person.Id, key.Public, file), (before, after) => Record(before, after, key.Public));
        return Task.FromResult(new Enrolment(person.Id, file, isMade, key.Public, DirectoryOutcome.Of(change, $"keys: [\"{key.Public}\"]")));
    }

    private static DirectoryEdit? Edit(PeopleDirectory directory, byte[] bytes, string id, NoteKey key, string file)
    {
        PeopleSource.Subject(directory, id);
        if (directory.People.SelectMany(p => p.Keys).FirstOrDefault(k => k.PublicKey.Span.SequenceEqual(key.PublicKey.Span)) is { } enrolled)
            throw new BadInputException($"{file} is there already and is not overwritten: {directory.File} has it as a key of {enrolled.Name}. For another key, such as one on another machine, name another file with --key.");
        return DirectoryEdit.AddKey(directory, bytes, id, key);
    }

    private void Record(PeopleDirectory before, string after, NoteKey key) => receipts.Append(
    [
        new(ReceiptType.IdentityEnrolled, "log", key.Name, new JsonObject { ["person"] = key.Name, ["key"] = key.ToString(), ["before"] = before.Digest, ["after"] = after }) { Actor = Recording.Person },
    ]);
}
