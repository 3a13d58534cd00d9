namespace Copilot.Storage;

/// <summary>What a file is to hold, beside its place; until it is put there the file stays as it was.</summary>
internal sealed class StagedFile : IDisposable
{
    private readonly string _file;
    private readonly string _beside;
    private readonly FileStream _stream;
    private bool _isPut;

    /// <param name="beside">Its name until then; throws an <see cref="IOException"/> where there is such a file.</param>
    public StagedFile(string file, string beside)
    {
        (_file, _beside) = (file, beside);
        // Its owner's alone, so that nobody opens it before it has the rights that it is to have.
        _stream = OwnFiles.Create(beside, FileMode.CreateNew, FileShare.None);
    }

    /// <param name="mode">Null for its owner alone.</param>
    public void Write(ReadOnlySpan<byte> content, UnixFileMode? mode = null)
    {
        _stream.Write(content);
        if (mode is { } given && !OperatingSystem.IsWindows()) File.SetUnixFileMode(_stream.SafeFileHandle, given);
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
    }

    /// <summary>Renames it, and makes the name durable.</summary>
    public void Put(bool overwrite = true)
    {
        OwnFiles.Move(_beside, _file, overwrite);
        _isPut = true;
    }

    public void Dispose()
    {
        _stream.Dispose();
        // Once it is put, a file of that name is another process's.
        if (!_isPut) File.Delete(_beside);
    }
}
