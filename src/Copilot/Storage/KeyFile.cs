using System.Security.Cryptography;
using Copilot.Engine.Yaml;
using NSec.Cryptography;

namespace Copilot.Storage;

/// <summary>A private Ed25519 key in a file that only its owner may read, in PKCS #8 text form.</summary>
internal static class KeyFile
{
    public static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;

    private const UnixFileMode OthersMay = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    internal delegate void Writer(string file, ReadOnlySpan<byte> content);

    /// <summary>Writes a new key.</summary>
    /// <param name="write">Whether one that is there is replaced.</param>
    public static void Write(string file, Writer write)
    {
        OwnFiles.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using var key = Key.Create(Algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        var text = key.Export(KeyBlobFormat.PkixPrivateKeyText);
        write(file, text);
        CryptographicOperations.ZeroMemory(text);
    }

    /// <param name="unreadable">How to mend it when the file cannot be read.</param>
    public static Key Read(string file, string unreadable)
    {
        // OpenSSH refuses such a key for the same reason: whoever read it once can sign for ever.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OthersMay) != UnixFileMode.None)
            throw new FileFaultException($"{file} may be read or written by others than its owner. If nobody has copied it, run: chmod 600 {file}");
        byte[] text;
        try
        {
            text = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{file} cannot be read ({e.Message.TrimEnd('.')}). {unreadable}", e);
        }
        if (!Key.TryImport(Algorithm, text, KeyBlobFormat.PkixPrivateKeyText, out var key))
            throw new FileFaultException($"{file} holds no Ed25519 key in PKCS #8 text form. Put the key back from a copy.");
        CryptographicOperations.ZeroMemory(text);
        return key!;
    }
}
