using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using NSec.Cryptography;

namespace Copilot.Storage.People;

/// <summary>The key with which one person signs votes. It lies with that person's own settings and never in the data folder; its public half stands in the directory.</summary>
internal sealed class PersonKey : IDisposable
{
    private readonly Key _key;

    private PersonKey(Key key, string person) => (_key, Public) = (key, new(person, key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));

    /// <summary>The public half, with the person's id as its name.</summary>
    public NoteKey Public { get; }

    /// <summary>In <c>$XDG_CONFIG_HOME/copilot</c>, else <c>~/.config/copilot</c> (XDG base directory specification).</summary>
    /// <param name="person">The id of a person, which is a name for a file.</param>
    public static string DefaultFile(string person)
    {
        var home = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        // A path that is not absolute is to be ignored.
        var folder = Path.IsPathFullyQualified(home ?? "") ? home! : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return Path.Combine(folder, "copilot", $"{person}.key");
    }

    /// <summary>Makes a key; one that is there is never replaced, since whoever lost it could sign no more.</summary>
    public static PersonKey Make(string file, string person)
    {
        try
        {
            KeyFile.Write(file, OwnFiles.Add);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException(
                File.Exists(file) ? $"{file} is there already and is not overwritten. Name another file with --key, or move that one away." : $"The key {file} cannot be written ({e.Message.TrimEnd('.')}). Name another file with --key, or mend the permissions.", e);
        }
        return Read(file, person);
    }

    public static PersonKey Read(string file, string person) => !File.Exists(file)
        ? throw new FileFaultException($"There is no key {file}. Name the file with --key, put it back from a copy, or make a key with: copilot identity enrol {person}")
        : new(KeyFile.Read(file, "A key is read by its owner alone: run this as the person whose it is, or name another file with --key."), person);

    public byte[] Sign(ReadOnlySpan<byte> message) => KeyFile.Algorithm.Sign(_key, message);

    public void Dispose() => _key.Dispose();
}
