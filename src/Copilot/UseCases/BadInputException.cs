using Copilot.Configuration;

namespace Copilot.UseCases;

/// <summary>Whose it is to mend what was refused.</summary>
internal enum Refusal
{
    /// <summary>What was asked is wrong.</summary>
    Wrong,

    /// <summary>What was asked for is not there.</summary>
    Missing,

    /// <summary>The copilot's own files say no: the request may be right.</summary>
    OwnFiles,
}

/// <summary>A request that cannot be carried out because of what it was given. Its message is meant for the person who asked: what, where, how to mend it.</summary>
internal sealed class BadInputException(string message, Refusal refusal = Refusal.Wrong) : Exception(message)
{
    public Refusal Refusal { get; } = refusal;

    public static BadInputException UnknownOption(string option, IEnumerable<string> known) => new($"{option} is no option. Did you mean {Words.Nearest(option, known)}? See --help.");
}
