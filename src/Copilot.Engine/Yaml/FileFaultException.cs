namespace Copilot.Engine.Yaml;

/// <summary>
/// A file or database of the copilot's own that cannot be used. Its message is meant for the person who runs it: what, where (file and line) and how to
/// mend it. The use cases hand it on as bad input.
/// </summary>
public sealed class FileFaultException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>All faults of one file at once; the message has one a line.</summary>
    public FileFaultException(IReadOnlyList<string> faults) : this(string.Join('\n', faults)) => Faults = faults;

    /// <summary>At least one.</summary>
    public IReadOnlyList<string> Faults { get; } = [message];
}
