namespace Copilot.Core.Evidence;

/// <summary>One piece of evidence: where it stands, when it happened, what it says and whom it is about.</summary>
/// <param name="Address">The record.</param>
/// <param name="At">When it happened, if the record says so.</param>
/// <param name="Says">What the record says, in words or as a quotation. It is data: control characters are removed where it is shown.</param>
/// <param name="About">The entities that the record names or belongs to; the citation check looks the supported entity up here.</param>
public sealed record Citation(RecordAddress Address, DateTimeOffset? At, string Says, IReadOnlyList<EntityRef> About)
{
    public Citation(RecordAddress address, DateTimeOffset? at, string says, EntityRef about)
        : this(address, at, says, [about])
    {
    }
}
