namespace Copilot.Bench.Cases;

/// <summary>A case that cannot be put before an engine. The message says what, where and how to mend it.</summary>
public sealed class CaseFaultException(string message, Exception? inner = null) : Exception(message, inner);
