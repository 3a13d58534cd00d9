using Copilot.Core.Receipts;
using NSec.Cryptography;

namespace Copilot.Tests.Receipts;

/// <summary>A key for signing notes, made from 32 secret bytes.</summary>
internal sealed class NoteSigner
{
    private readonly Key _key;
    private readonly byte[] _secret;

    public NoteSigner(string name, byte[] secret)
    {
        _secret = secret;
        _key = NSec.Cryptography.Key.Import(SignatureAlgorithm.Ed25519, secret, KeyBlobFormat.RawPrivateKey);
        Key = new(name, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    public NoteKey Key { get; }

    /// <summary>The text form of golang.org/x/mod/sumdb/note.</summary>
    public string SecretText => $"PRIVATE+KEY+{Key.Name}+{Key.Id:x8}+{Convert.ToBase64String([1, .. _secret])}";

    /// <summary>Reads that text form.</summary>
    public static NoteSigner Of(string secretText) => secretText.Split('+', 5) is ["PRIVATE", "KEY", var name, _, var base64]
        ? new(name, Convert.FromBase64String(base64)[1..])
        : throw new ArgumentException("no private key", nameof(secretText));

    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public SignedNote Sign(string text) => SignedNote.Sign(text, Key, Sign);
}
