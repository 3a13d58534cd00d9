namespace Copilot.Storage;

/// <summary>
/// A policy that people were asked to put in force, or that was in force when they were. Which one decides is not said here: the last <c>policy.activated</c> of the log says so. Never changed or
/// deleted.
/// </summary>
internal sealed class PolicyVersionRow
{
    /// <summary>Of <see cref="Bytes"/>: <c>sha256:</c> and lower-case hex.</summary>
    public required string Digest { get; init; }

    /// <summary>The file that it was read from, as it was named.</summary>
    public required string File { get; init; }

    /// <summary>The file.</summary>
    public required byte[] Bytes { get; init; }
}
