namespace Copilot.UseCases;

/// <summary>A request that cannot be carried out because of what it was given. Its message is meant for the person who asked: what, where, how to mend it.</summary>
internal sealed class BadInputException(string message) : Exception(message);
