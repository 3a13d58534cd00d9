namespace Copilot.Engine.Snapshots.Archives;

/// <summary>The outcome of unpacking an archive.</summary>
public abstract record UnpackResult
{
    private UnpackResult()
    {
    }

    /// <summary>The archive's files are in the directory, all of them but those named as skipped.</summary>
    /// <param name="Directory">The destination, as a full path.</param>
    /// <param name="Files">How many files were written.</param>
    /// <param name="Bytes">How many bytes those files hold.</param>
    /// <param name="Skipped">One readable line for each entry that was left out: what and why.</param>
    public sealed record Done(string Directory, int Files, long Bytes, IReadOnlyList<string> Skipped) : UnpackResult;

    /// <summary>Nothing was unpacked.</summary>
    /// <param name="Message">What, where, and how to mend it.</param>
    public sealed record Refused(string Message) : UnpackResult;
}

/// <summary>Carries a refusal out of the streams below a decoder. It never leaves <see cref="SnapshotArchive"/>.</summary>
internal sealed class UnpackRefusedException(string what, string mend) : Exception(what)
{
    public string Mend { get; } = mend;
}
