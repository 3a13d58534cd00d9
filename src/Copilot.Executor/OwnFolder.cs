using System.Text.Json;
using Copilot.Core.Receipts;
using NSec.Cryptography;

namespace Copilot.Executor;

/// <summary>What an executor was given when it registered.</summary>
/// <param name="Host">Where the copilot serves.</param>
/// <param name="LogKey">The key that signs grants, as a verifier key. Another one is not believed.</param>
internal sealed record Registered(string Name, Uri Host, string Token, string LogKey);

/// <summary>The executor's own files, which only their owner may read: its key, what it was given, and its journal. One process works in it at a time.</summary>
internal sealed class OwnFolder : IDisposable
{
    private const UnixFileMode OthersMay = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly FileStream _turn;
    private readonly Key _key;

    private OwnFolder(string path, FileStream turn, Key key, Registered registration)
    {
        (_turn, _key, Registration) = (turn, key, registration);
        Journal = Journal.Open(System.IO.Path.Combine(path, "journal"));
    }

    public static string Default => System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home && System.IO.Path.IsPathFullyQualified(home) ? home : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
        "copilot-executor");

    public Registered Registration { get; }

    public Journal Journal { get; }

    /// <summary>The key with which it signs what it says of steps.</summary>
    public string Sign(byte[] message) => Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(_key, message));

    public static OwnFolder Open(string path)
    {
        FileStream? turn = null;
        try
        {
            if (!File.Exists(RegistrationFile(path))) throw new ExecutorException($"There is no registration in {path}. \"copilot executors add NAME\" shows a code, with which \"copilot-executor register NAME --host URL --code CODE\" registers.");
            turn = Turn(path);
            var registration = JsonSerializer.Deserialize<Registered>(Secret(RegistrationFile(path))) ?? throw new JsonException();
            return Key.TryImport(SignatureAlgorithm.Ed25519, Secret(KeyFile(path)), KeyBlobFormat.PkixPrivateKeyText, out var key)
                ? new(path, turn, key!, registration)
                : throw new ExecutorException($"{KeyFile(path)} holds no Ed25519 key in PKCS #8 text form. Put it back from a copy, or register anew under another name.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ExecutorException)
        {
            turn?.Dispose();
            throw e as ExecutorException ?? new ExecutorException($"The files in {path} cannot be used ({e.Message.TrimEnd('.')}). Mend them, or register anew under another name.", e);
        }
    }

    /// <summary>Makes the key where there is none, and returns its public half.</summary>
    public static NoteKey MakeKey(string path, string name)
    {
        try
        {
            OwnFile.MakeFolder(path);
            if (File.Exists(RegistrationFile(path))) throw new ExecutorException($"{path} is registered already. Name another folder with --folder.");
            using var turn = Turn(path);
            if (!File.Exists(KeyFile(path)))
            {
                using var made = Key.Create(SignatureAlgorithm.Ed25519, new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
                Write(KeyFile(path), made.Export(KeyBlobFormat.PkixPrivateKeyText));
            }
            if (!Key.TryImport(SignatureAlgorithm.Ed25519, Secret(KeyFile(path)), KeyBlobFormat.PkixPrivateKeyText, out var key)) throw new ExecutorException($"{KeyFile(path)} holds no Ed25519 key. Take it away, and register again.");
            using (key) return new(name, key!.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExecutorException($"{path} cannot be written ({e.Message.TrimEnd('.')}). Name another folder with --folder.", e);
        }
        catch (ArgumentException)
        {
            throw new ExecutorException($"\"{name}\" is no name for an executor. Use letters, digits, dots, dashes and underscores.");
        }
    }

    public static void Keep(string path, Registered registration) => Write(RegistrationFile(path), JsonSerializer.SerializeToUtf8Bytes(registration));

    public void Dispose()
    {
        Journal.Dispose();
        _key.Dispose();
        _turn.Dispose();
    }

    private static string RegistrationFile(string path) => System.IO.Path.Combine(path, "registration.json");

    private static string KeyFile(string path) => System.IO.Path.Combine(path, "executor.key");

    /// <summary>Two that work with one journal would each think that the other's steps are its own.</summary>
    private static FileStream Turn(string path)
    {
        try
        {
            return OwnFile.Open(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException) when (Directory.Exists(path))
        {
            throw new ExecutorException($"Another executor works in {path}. End it, or name another folder with --folder.");
        }
    }

    private static byte[] Secret(string file)
    {
        // Whoever read it once can speak for this executor for ever.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OthersMay) != UnixFileMode.None) throw new ExecutorException($"{file} may be read or written by others than its owner. If nobody has copied it, run: chmod 600 {file}");
        return File.ReadAllBytes(file);
    }

    private static void Write(string file, byte[] content)
    {
        var part = file + ".part";
        using (var stream = OwnFile.Open(part, FileMode.Create, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(part, file, overwrite: true);
    }
}
