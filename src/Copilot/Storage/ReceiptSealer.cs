using System.Reflection;
using System.Security.Cryptography;
using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>Adds to a draft what comes from this process: time, id, salts, software.</summary>
internal sealed class ReceiptSealer(TimeProvider clock)
{
    private static readonly (string Version, string? Commit) Software = SoftwareOf(typeof(ReceiptSealer).Assembly);

    /// <exception cref="ArgumentException">The draft breaks the format.</exception>
    public (SealedReceipt Receipt, DateTimeOffset At) Seal(MaskedDraft draft, string log, long seq, ChainTail tail)
    {
        var at = clock.GetUtcNow();
        return (ReceiptSeal.Seal(draft.Draft, new(log, seq, tail.StreamSeq, tail.Prev, NewId(at), at, Monotonic(), Software.Version, Software.Commit, NewSalt)), at);
    }

    // A clock that stands before 1970 must not keep anything from being recorded.
    public static string NewId(DateTimeOffset at) => Ulid.Create(at < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : at, RandomNumberGenerator.GetBytes(Ulid.RandomBytes));

    private static byte[] NewSalt() => RandomNumberGenerator.GetBytes(FieldCommitment.SaltBytes);

    private long Monotonic() => (long)(clock.GetTimestamp() * (1e9m / clock.TimestampFrequency));

    // "0.1.0+1f2e…", the commit as the build knew it.
    private static (string, string?) SoftwareOf(Assembly assembly)
    {
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return text.Split('+', 2) is [var version, var commit] ? (version, commit) : (text, null);
    }
}
