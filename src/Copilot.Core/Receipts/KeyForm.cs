using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>What the public keys of all signers of notes have in common (C2SP signed-note): a name, a type, an id made of both and the key, and a text form.</summary>
internal static class KeyForm
{
    /// <summary>Whether it can name a key or a log.</summary>
    public static bool IsName(string name) => name.Length > 0 && name.EnumerateRunes().All(r =>
        r != Rune.ReplacementChar && r.Value != '+' && !Rune.IsWhiteSpace(r) && Rune.GetUnicodeCategory(r) is not UnicodeCategory.Control);

    /// <summary>The first four bytes of SHA-256(name, newline, type, key), big end first.</summary>
    public static uint Id(string name, byte type, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. publicKey], hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    /// <summary>Throws for what is no name or no Ed25519 key.</summary>
    public static void Check(string name, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name)) throw new ArgumentException("A key's name has no spaces, plus signs or control characters and is not empty.", nameof(name));
        if (publicKey.Length != NoteKey.PublicKeyBytes) throw new ArgumentException($"An Ed25519 key has {NoteKey.PublicKeyBytes} bytes, not {publicKey.Length}.", nameof(publicKey));
    }

    public static string Text(string name, byte type, ReadOnlySpan<byte> publicKey) => $"{name}+{Id(name, type, publicKey):x8}+{Convert.ToBase64String([type, .. publicKey])}";

    /// <summary>Reads the text of an Ed25519 key of that type and refuses any that <see cref="Text"/> would not write.</summary>
    public static bool TryRead(string text, byte type, out string name, out byte[] publicKey, out string fault)
    {
        (name, publicKey, fault) = ("", [], "");
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0])) fault = "a key is written name+id+base64";
        else if (!Base64.TryRead(parts[2], out var bytes) || bytes.Length != 1 + NoteKey.PublicKeyBytes) fault = "the last part is no Ed25519 key in base64";
        else if (bytes[0] != type) fault = $"it is a key of type {bytes[0]}: {Meaning(bytes[0])}, and not of type {type}: {Meaning(type)}";
        else if (Text(parts[0], type, bytes.AsSpan(1)) != text) fault = $"the key's id is {Id(parts[0], type, bytes.AsSpan(1)):x8}, not {parts[1]}: the name or the key was altered";
        else (name, publicKey) = (parts[0], bytes[1..]);
        return fault.Length == 0;
    }

    private static string Meaning(byte type) => type switch { NoteKey.Type => "a log's", WitnessKey.Type => "a witness's", _ => "unknown" };
}
