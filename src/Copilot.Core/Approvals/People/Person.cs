using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals.People;

/// <summary>Somebody who may be asked. The id is what votes and receipts name; identities are the accounts that are this one person.</summary>
/// <param name="Groups">By their names in the directory, such as <c>sre-oncall</c>.</param>
/// <param name="Identities">In the forms of <see cref="LinkedIdentity"/>.</param>
/// <param name="Keys">Each has the person's id as its name.</param>
/// <param name="Disabled">Known, so that nothing of theirs counts for anybody else, and without any role.</param>
public sealed record Person(string Id, string Name, IReadOnlyList<string> Groups, IReadOnlyList<string> Identities, IReadOnlyList<NoteKey> Keys, bool Disabled = false);

/// <summary>A program with accounts of its own. It is listed so that it is known to be nobody; it never holds a role.</summary>
public sealed record Service(string Id, IReadOnlyList<string> Identities);

/// <summary>A key, and whose it is.</summary>
public sealed record EnrolledKey(Person Person, NoteKey Key);
