namespace Copilot.Core.Receipts;

/// <summary>The public Ed25519 key of a signer of notes, with its name (C2SP signed-note).</summary>
public sealed class NoteKey : IEquatable<NoteKey>
{
    public const int PublicKeyBytes = 32;

    internal const byte Type = 1;

    private readonly byte[] _publicKey;

    /// <param name="name">Not empty, without spaces, plus signs and control characters; for a log its origin.</param>
    /// <param name="publicKey">32 bytes.</param>
    /// <exception cref="ArgumentException">The name or the key is not of that form.</exception>
    public NoteKey(string name, ReadOnlySpan<byte> publicKey)
    {
        KeyForm.Check(name, publicKey);
        (Name, _publicKey) = (name, publicKey.ToArray());
        Id = KeyForm.Id(name, Type, publicKey);
    }

    public string Name { get; }

    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The first four bytes of SHA-256(name, newline, 0x01, key), big end first.</summary>
    public uint Id { get; }

    /// <summary>The text form, <c>name+hex id+base64 of 0x01 and the key</c>; others call it vkey.</summary>
    public override string ToString() => KeyForm.Text(Name, Type, _publicKey);

    /// <summary>Reads the text form and refuses any text that <see cref="ToString"/> would not write.</summary>
    public static bool TryParse(string text, out NoteKey? key, out string fault)
    {
        key = KeyForm.TryRead(text, Type, out var name, out var publicKey, out fault) ? new(name, publicKey) : null;
        return key is not null;
    }

    public bool Equals(NoteKey? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as NoteKey);

    public override int GetHashCode() => (int)Id;

    /// <summary>Whether it can name a key or a log.</summary>
    internal static bool IsName(string name) => KeyForm.IsName(name);
}
