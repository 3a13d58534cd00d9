using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using NSec.Cryptography;

namespace Copilot.Storage;

/// <summary>
/// The key that signs the log's checkpoints: from <c>keys/receipts.key</c> in the data folder, or with a command of the owner. Beside it lies what others need, <c>receipts.pub</c>.
/// </summary>
internal sealed class SigningKey : IDisposable
{
    private readonly Key? _key;
    private readonly ExternalSigner? _signer;

    private SigningKey(Key key, string name) => (_key, Public) = (key, new(name, key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));

    private SigningKey(ExternalSigner signer) => (_signer, Public) = (signer, signer.Key);

    /// <summary>The public key under the log's name.</summary>
    public NoteKey Public { get; }

    public static string PrivateFile(string dataFolder) => Path.Combine(dataFolder, "keys", "receipts.key");

    public static string PublicFile(string dataFolder) => Path.Combine(dataFolder, "keys", "receipts.pub");

    /// <summary>The key for a new log: the one that is there, else a new one.</summary>
    public static SigningKey ForNewLog(string dataFolder, string name)
    {
        var file = PrivateFile(dataFolder);
        if (!File.Exists(file)) Make(file);
        return Read(dataFolder, file, name);
    }

    /// <summary>A key for a log that passes on to it; <see cref="Install"/> puts it in the place of the one before.</summary>
    public static SigningKey ForRotation(string dataFolder, string name)
    {
        var file = NextFile(dataFolder);
        // One that is there was left by a rotation that did not come about.
        File.Delete(file);
        Make(file);
        return Read(dataFolder, file, name, isShown: false);
    }

    /// <summary>Puts the next key in its place. The one before is gone: whoever finds it later cannot sign.</summary>
    public static void Install(string dataFolder)
    {
        try
        {
            OwnFiles.Move(NextFile(dataFolder), PrivateFile(dataFolder));
        }
        catch (FileNotFoundException)
        {
            // Another process that opened the log just now put it there.
        }
    }

    /// <summary>The key of a log that has receipts; <paramref name="named"/> is the one its receipts name last.</summary>
    public static SigningKey ForLog(string dataFolder, NoteKey named)
    {
        var file = PrivateFile(dataFolder);
        // The log has passed on to it, and the process ended before it was in its place.
        if (File.Exists(NextFile(dataFolder)) && IsNext(dataFolder, named)) Install(dataFolder);
        if (!File.Exists(file))
            throw new FileFaultException($"{file} is missing, but the log {named.Name} has receipts signed with it. Put the key back from a copy. If a command signs the log, name it in Copilot:Receipts:Signer. If the key is lost, export is no longer possible: move the data folder away and begin a new log.");
        var key = Read(dataFolder, file, named.Name);
        if (key.Public.Equals(named)) return key;
        key.Dispose();
        throw new FileFaultException($"{file} is not the key of the log {named.Name}: its id is {key.Public.Id:x8}, that of the log's key {named.Id:x8}. Put the right key back from a copy.");
    }

    /// <summary>The key of a log that a command signs.</summary>
    /// <param name="named">The key that the log's receipts name last; null for a new log.</param>
    public static SigningKey Of(ExternalSigner signer, string dataFolder, NoteKey? named)
    {
        if (named is not null && !named.Equals(signer.Key))
            throw new FileFaultException($"The log {named.Name} is signed with a key whose id is {named.Id:x8}, and the one in Copilot:Receipts:SignerKey is of {signer.Key.Name} and has the id {signer.Key.Id:x8}. Write the log's key there with the command that has it, or empty Copilot:Receipts:Signer when its key is in {PrivateFile(dataFolder)}. A log does not pass on to a command: begin one in another data folder.");
        OwnFiles.MakeFolder(Path.Combine(dataFolder, "keys"));
        Show(dataFolder, signer.Key);
        return new(signer);
    }

    public byte[] Sign(ReadOnlySpan<byte> message) => _key is not null ? KeyFile.Algorithm.Sign(_key, message) : _signer!.Sign(message);

    /// <summary>The key of a witness, from <c>witness.key</c> in its own folder; made when there is none.</summary>
    public static SigningKey ForWitness(string folder, string name)
    {
        var file = WitnessFile(folder);
        if (!File.Exists(file)) Make(file);
        return Read(folder, file, name, isShown: false);
    }

    public static string WitnessFile(string folder) => Path.Combine(folder, "witness.key");

    /// <summary>See <see cref="VerifySignature"/>.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(KeyFile.Algorithm, publicKey, KeyBlobFormat.RawPublicKey, out var key) && KeyFile.Algorithm.Verify(key!, message, signature);

    public void Dispose() => _key?.Dispose();

    private static string NextFile(string dataFolder) => Path.Combine(dataFolder, "keys", "receipts.key.next");

    private static bool IsNext(string dataFolder, NoteKey named)
    {
        using var next = Read(dataFolder, NextFile(dataFolder), named.Name, isShown: false);
        return next.Public.Equals(named);
    }

    private static void Make(string file) => KeyFile.Write(file, OwnFiles.Replace);

    private static SigningKey Read(string dataFolder, string file, string name, bool isShown = true)
    {
        var key = new SigningKey(KeyFile.Read(file, "Run the copilot as the owner of the data folder, or mend the permissions."), name);
        if (isShown) Show(dataFolder, key.Public);
        return key;
    }

    // Derived from the key, so whatever else stands there is wrong.
    private static void Show(string dataFolder, NoteKey key)
    {
        var (shown, beside) = (Encoding.UTF8.GetBytes($"{key}\n"), PublicFile(dataFolder));
        if (!File.Exists(beside) || !File.ReadAllBytes(beside).AsSpan().SequenceEqual(shown)) OwnFiles.Replace(beside, shown);
    }
}
