using System.Buffers.Binary;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>Signs with Ed25519; 64 bytes. Core has no Ed25519 of its own.</summary>
public delegate byte[] SignMessage(ReadOnlySpan<byte> message);

/// <summary>Whether the Ed25519 signature of the message is that of the 32-byte public key. Must not throw for any input.</summary>
public delegate bool VerifySignature(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

/// <param name="Name">The signer's key name.</param>
/// <param name="KeyId">Which of the keys of that name.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Signature);

/// <summary>A text with signature lines (C2SP signed-note).</summary>
/// <param name="Text">What is signed, with its last newline.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    private const int MostSignatures = 16;

    // Those that withstand quantum computers have nearly 5 kB; a signature of another kind of key is kept, not understood.
    private const int MostSignatureBytes = 8 << 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static SignedNote Sign(string text, NoteKey key, SignMessage sign) => new(text, [new(key.Name, key.Id, sign(Encoding.UTF8.GetBytes(text)))]);

    /// <summary>The note as it is stored and sent: the text, an empty line, a line for each signature.</summary>
    public string Format() => Text + "\n" + string.Concat(Signatures.Select(Line));

    /// <summary>The line of one signature, with its newline.</summary>
    public static string Line(NoteSignature signature)
    {
        Span<byte> id = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(id, signature.KeyId);
        return $"\u2014 {signature.Name} {Convert.ToBase64String([.. id, .. signature.Signature.Span])}\n";
    }

    /// <summary>Whether a signature line is of this key and its signature holds.</summary>
    public bool IsSignedBy(NoteKey key, VerifySignature verify) =>
        Signatures.FirstOrDefault(s => s.Name == key.Name && s.KeyId == key.Id) is { } signature
        && verify(key.PublicKey.Span, Encoding.UTF8.GetBytes(Text), signature.Signature.Span);

    /// <summary>Reads a note and refuses any that <see cref="Format"/> would not write. Lines of keys that nobody asked for are kept.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out SignedNote? note, out string fault)
    {
        note = null;
        try
        {
            return TryParse(Utf8.GetString(utf8), out note, out fault);
        }
        catch (DecoderFallbackException)
        {
            fault = "not valid UTF-8";
            return false;
        }
    }

    public static bool TryParse(string text, out SignedNote? note, out string fault)
    {
        note = null;
        var split = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0) return Refuse("no empty line between the text and its signatures", out fault);
        if (text.Any(c => c < ' ' && c != '\n')) return Refuse("a control character", out fault);
        var lines = text[(split + 2)..].Split('\n');
        if (lines.Length < 2 || lines[^1].Length > 0) return Refuse("the last signature does not end with a newline, or there is none", out fault);
        if (lines.Length - 1 > MostSignatures) return Refuse($"more than {MostSignatures} signatures", out fault);
        var signatures = new List<NoteSignature>();
        foreach (var line in lines[..^1])
        {
            if (ReadLine(line) is not { } signature) return Refuse($"signature line {signatures.Count + 1} is not of the form \"\u2014 name base64\"", out fault);
            if (signatures.Exists(s => s.Name == signature.Name && s.KeyId == signature.KeyId)) return Refuse("two signatures of one key", out fault);
            signatures.Add(signature);
        }
        (note, fault) = (new(text[..(split + 1)], signatures), "");
        return true;
    }

    private static NoteSignature? ReadLine(string line)
    {
        if (line.Split(' ') is not ["\u2014", var name, var base64] || !NoteKey.IsName(name)) return null;
        // One with nothing behind the key's id is none.
        if (base64.Length > MostSignatureBytes * 2 || !Base64.TryRead(base64, out var bytes) || bytes.Length <= 4 || bytes.Length > 4 + MostSignatureBytes) return null;
        return new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(4));
    }

    private static bool Refuse(string because, out string fault)
    {
        fault = because;
        return false;
    }
}
