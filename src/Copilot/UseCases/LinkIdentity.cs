using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals.People;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Storage.People;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Says that an account is a person's. Who has a key enrolled proves with it to be that person.</summary>
/// <param name="Directory">Null for that of the settings.</param>
/// <param name="KeyFile">Null for the usual place.</param>
internal sealed record LinkIdentity(string Person, string Identity, string? Directory, string? KeyFile) : IRequest<LinkedAccount>;

/// <param name="ProvenBy">The key; null where none is enrolled yet.</param>
internal sealed record LinkedAccount(string Person, string Identity, NoteKey? ProvenBy, DirectoryOutcome Outcome);

internal sealed class LinkIdentityCheck : IRequestCheck<LinkIdentity>
{
    public string? Fault(LinkIdentity request) => LinkedIdentity.Is(request.Identity) ? null : $"{PlainText.Clean(request.Identity)} is no identity. Write it like {LinkedIdentity.Forms}.";
}

internal sealed class LinkIdentityHandler(PeopleSource people, IReceiptRecorder receipts) : IRequestHandler<LinkIdentity, LinkedAccount>
{
    public Task<LinkedAccount> Handle(LinkIdentity request, CancellationToken cancellationToken)
    {
        NoteKey? proof = null;
        var change = DirectoryFile.Change(people.Need(request.Directory), (directory, bytes) =>
        {
            var person = PeopleSource.Subject(directory, request.Person);
            RefuseTaken(directory, person, request.Identity);
            proof = person.Keys.Count > 0 ? Proof(directory, person, request) : null;
            return DirectoryEdit.AddIdentity(directory, bytes, person.Id, request.Identity);
        }, (before, after) => Record(request, proof, before, after));
        return Task.FromResult(new LinkedAccount(request.Person, request.Identity, proof, DirectoryOutcome.Of(change, $"identities: [\"{request.Identity.Replace(@"\", @"\\", StringComparison.Ordinal)}\"]")));
    }

    // As the reader of the directory does, upper and lower case make no other account.
    private static void RefuseTaken(PeopleDirectory directory, Person person, string identity)
    {
        if (directory.People.FirstOrDefault(p => p.Identities.Contains(identity, StringComparer.OrdinalIgnoreCase)) is { } owner)
            throw new BadInputException(owner.Id == person.Id ? $"{identity} is linked to {person.Id} already." : $"{identity} is an identity of {owner.Id} in {directory.File}. An account is one person: whoever keeps the file takes it away there first.");
        if (directory.Services.FirstOrDefault(s => s.Identities.Contains(identity, StringComparer.OrdinalIgnoreCase)) is { } service)
            throw new BadInputException($"{identity} is an identity of the service {service.Id} in {directory.File}, and a service is no person.");
    }

    /// <summary>The key of the file, after its signature held against the one that the directory has.</summary>
    private static NoteKey Proof(PeopleDirectory directory, Person person, LinkIdentity request)
    {
        var file = request.KeyFile ?? PersonKey.DefaultFile(person.Id);
        using var key = PersonKey.Read(file, person.Id);
        // It names what it is for, and the directory that it was made for, so that it is good for nothing else.
        var message = Encoding.UTF8.GetBytes($"copilot identity link\n{person.Id}\n{request.Identity}\n{directory.Digest}\n");
        var signature = key.Sign(message);
        return person.Keys.FirstOrDefault(k => SigningKey.Verify(k.PublicKey.Span, message, signature))
            ?? throw new BadInputException($"{file} is no key that {directory.File} has of {person.Id}: its id is {key.Public.Id:x8}, and {(person.Keys.Count == 1 ? "the one" : "those")} enrolled {string.Join(", ", person.Keys.Select(k => $"{k.Id:x8}"))}. Name the file with --key.");
    }

    private void Record(LinkIdentity request, NoteKey? proof, PeopleDirectory before, string after)
    {
        var body = new JsonObject { ["person"] = request.Person, ["identity"] = request.Identity, ["before"] = before.Digest, ["after"] = after };
        if (proof is not null) body["key"] = proof.ToString();
        receipts.Append([new(ReceiptType.IdentityLinked, "log", request.Person, body) { Actor = Recording.Person }]);
    }
}
