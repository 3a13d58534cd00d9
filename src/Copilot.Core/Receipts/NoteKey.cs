using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>The public Ed25519 key of a signer of notes, with its name (C2SP signed-note).</summary>
public sealed class NoteKey : IEquatable<NoteKey>
{
    public const int PublicKeyBytes = 32;

    private const byte Ed25519 = 1;

    private readonly byte[] _publicKey;

    /// <param name="name">Not empty, without spaces, plus signs and control characters; for a log its origin.</param>
    /// <param name="publicKey">32 bytes.</param>
    /// <exception cref="ArgumentException">The name or the key is not of that form.</exception>
    public NoteKey(string name, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name)) throw new ArgumentException("A key's name has no spaces, plus signs or control characters and is not empty.", nameof(name));
        if (publicKey.Length != PublicKeyBytes) throw new ArgumentException($"An Ed25519 key has {PublicKeyBytes} bytes, not {publicKey.Length}.", nameof(publicKey));
        (Name, _publicKey) = (name, publicKey.ToArray());
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', Ed25519, .. publicKey], hash);
        Id = BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    public string Name { get; }

    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The first four bytes of SHA-256(name, newline, 0x01, key), big end first.</summary>
    public uint Id { get; }

    /// <summary>The text form, <c>name+hex id+base64 of 0x01 and the key</c>; others call it vkey.</summary>
    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([Ed25519, .. _publicKey])}";

    /// <summary>Reads the text form and refuses any text that <see cref="ToString"/> would not write.</summary>
    public static bool TryParse(string text, out NoteKey? key, out string fault)
    {
        key = null;
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0])) fault = "a key is written name+id+base64";
        else if (!Base64.TryRead(parts[2], out var bytes) || bytes.Length != 1 + PublicKeyBytes || bytes[0] != Ed25519) fault = "the last part is no Ed25519 key in base64";
        else
        {
            var read = new NoteKey(parts[0], bytes.AsSpan(1));
            fault = read.ToString() == text ? "" : $"the key's id is {read.Id:x8}, not {parts[1]}: the name or the key was altered";
            if (fault.Length == 0) key = read;
        }
        return key is not null;
    }

    public bool Equals(NoteKey? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as NoteKey);

    public override int GetHashCode() => (int)Id;

    /// <summary>Whether it can name a key or a log.</summary>
    internal static bool IsName(string name) => name.Length > 0 && name.EnumerateRunes().All(r =>
        r != Rune.ReplacementChar && r.Value != '+' && !Rune.IsWhiteSpace(r) && Rune.GetUnicodeCategory(r) is not UnicodeCategory.Control);
}
