using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>Who acts, and what the directory knows of them at this moment.</summary>
/// <param name="Actor">As the record names it, with how the identity is known.</param>
/// <param name="Person">The person in the directory that the identity is linked to; null for nobody whom it knows.</param>
/// <param name="Groups">Those that the person is in, as policies write them (<c>group/sre-oncall</c>).</param>
public sealed record Principal(ReceiptActor Actor, string? Person, IReadOnlyList<string> Groups)
{
    /// <summary>The assurance of somebody who signed with a key that the directory names as theirs.</summary>
    public const string SignedAssurance = "person-key";

    /// <summary>Whom they say to be without having shown it; null where nothing is claimed.</summary>
    public string? Claims { get; init; }

    /// <summary>Known by more than the name that the operating system gives.</summary>
    public bool IsStrong => Actor.Assurance == SignedAssurance;

    public bool IsPerson => Actor.Kind == ActorKind.Human && Person is not null;

    /// <summary>How texts name them.</summary>
    public string Name => Person ?? Actor.Id;
}
