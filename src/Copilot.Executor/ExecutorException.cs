namespace Copilot.Executor;

/// <summary>Something that keeps the executor from working. The message says what, where and how to mend it.</summary>
internal sealed class ExecutorException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The cluster could not be looked at. The message says why in a sentence.</summary>
internal sealed class NotSeenException(string message) : Exception(message);
