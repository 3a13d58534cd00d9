using Copilot.Configuration;

namespace Copilot.UseCases;

/// <summary>A request that cannot be carried out because of what it was given. Its message is meant for the person who asked: what, where, how to mend it.</summary>
internal sealed class BadInputException(string message) : Exception(message)
{
    public static BadInputException UnknownOption(string option, IEnumerable<string> known) => new($"{option} is no option. Did you mean {Words.Nearest(option, known)}? See --help.");
}
