using System.Security.Cryptography;
using Copilot.Core.Receipts;
using Copilot.Engine.Investigations;

namespace Copilot.UseCases;

/// <summary>Begins recorded work: knows the log, the time and who sits at the keyboard.</summary>
internal sealed class Recording(IReceiptRecorder receipts, TimeProvider time)
{
    /// <summary>What belongs to no incident.</summary>
    public const string NoIncident = "reads";

    /// <summary>The operating system's user: weak assurance, good for the record and never for an approval.</summary>
    public static ReceiptActor Person { get; } = new(ActorKind.Human, $"os:{Environment.UserName}", "os-user");

    /// <summary>Readings of an incident or of none, in a new run or an earlier one.</summary>
    /// <param name="by">Who asked; null for whoever sits at the keyboard.</param>
    public RecordedReads Begin(string? incident = null, string? run = null, ReceiptActor? by = null) => new(receipts, incident ?? NoIncident, run ?? NewId(), by ?? Person);

    /// <summary>A new ULID.</summary>
    public string NewId()
    {
        Span<byte> random = stackalloc byte[10];
        RandomNumberGenerator.Fill(random);
        return Ulid.Create(time.GetUtcNow(), random);
    }
}
