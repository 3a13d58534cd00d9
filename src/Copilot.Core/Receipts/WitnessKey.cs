using System.Buffers.Binary;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>
/// The public Ed25519 key of a witness, with its name (C2SP tlog-cosignature, <c>cosignature/v1</c>). Its signature on a checkpoint says: at that time, this was the largest
/// head of that log that I had seen, and it continues every smaller one.
/// </summary>
public sealed class WitnessKey : IEquatable<WitnessKey>
{
    internal const byte Type = 4;

    private const int TimeBytes = sizeof(ulong);
    private const int SignatureBytes = 64;

    private readonly byte[] _publicKey;

    /// <param name="name">Not empty, without spaces, plus signs and control characters.</param>
    /// <param name="publicKey">32 bytes.</param>
    /// <exception cref="ArgumentException">The name or the key is not of that form.</exception>
    public WitnessKey(string name, ReadOnlySpan<byte> publicKey)
    {
        KeyForm.Check(name, publicKey);
        (Name, _publicKey, Id) = (name, publicKey.ToArray(), KeyForm.Id(name, Type, publicKey));
    }

    public string Name { get; }

    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The first four bytes of SHA-256(name, newline, 0x04, key), big end first.</summary>
    public uint Id { get; }

    /// <summary>The text form, <c>name+hex id+base64 of 0x04 and the key</c>; others call it vkey.</summary>
    public override string ToString() => KeyForm.Text(Name, Type, _publicKey);

    /// <summary>Reads the text form and refuses any text that <see cref="ToString"/> would not write.</summary>
    public static bool TryParse(string text, out WitnessKey? key, out string fault)
    {
        key = KeyForm.TryRead(text, Type, out var name, out var publicKey, out fault) ? new(name, publicKey) : null;
        return key is not null;
    }

    /// <summary>Signs a checkpoint.</summary>
    /// <param name="text">The note's text, with its last newline.</param>
    /// <param name="at">When; whole seconds count.</param>
    /// <param name="sign">Signs with the private key to this one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time lies before 1970.</exception>
    public NoteSignature Cosign(string text, DateTimeOffset at, SignMessage sign)
    {
        var seconds = at.ToUnixTimeSeconds();
        ArgumentOutOfRangeException.ThrowIfNegative(seconds, nameof(at));
        var signature = new byte[TimeBytes + SignatureBytes];
        BinaryPrimitives.WriteInt64BigEndian(signature, seconds);
        sign(Message(text, seconds)).CopyTo(signature, TimeBytes);
        return new(Name, Id, signature);
    }

    /// <summary>When this witness cosigned the note; null when it did not, or its signature does not hold.</summary>
    public DateTimeOffset? CosignedAt(SignedNote note, VerifySignature verify)
    {
        if (note.Signatures.FirstOrDefault(s => s.Name == Name && s.KeyId == Id) is not { Signature: { Length: TimeBytes + SignatureBytes } signature }) return null;
        var seconds = BinaryPrimitives.ReadInt64BigEndian(signature.Span);
        if (seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return null;
        return verify(_publicKey, Message(note.Text, seconds), signature.Span[TimeBytes..]) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    public bool Equals(WitnessKey? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as WitnessKey);

    public override int GetHashCode() => (int)Id;

    private static byte[] Message(string text, long seconds) => Encoding.UTF8.GetBytes($"cosignature/v1\ntime {seconds}\n{text}");
}
