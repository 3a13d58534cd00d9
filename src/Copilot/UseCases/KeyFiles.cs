using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.UseCases;

/// <summary>Public keys from files, in the text form of signed notes.</summary>
internal static class KeyFiles
{
    private const int MostBytes = 64 << 10;

    /// <summary>The keys of a log: one, or with each that it had before a line of its own.</summary>
    public static IReadOnlyList<NoteKey> OfLog(string file) => [.. Lines(file).Select(line => NoteKey.TryParse(line, out var key, out var fault) ? key!
        : throw new BadInputException($"{file} holds no public key of a log ({PlainText.Clean(fault)}). It is the line in keys/receipts.pub of the log's data folder."))];

    public static WitnessKey OfWitness(string file) => Lines(file) is not [var line] ? throw new BadInputException($"{file} holds more than one line. A witness has one public key.")
        : WitnessKey.TryParse(line, out var key, out var fault) ? key!
        : throw new BadInputException($"{file} holds no public key of a witness ({PlainText.Clean(fault)}). It is the line in witness.pub of the witness's folder.");

    private static string[] Lines(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MostBytes) throw new BadInputException($"{file} is too long for a public key.");
            return File.ReadAllText(file).TrimEnd('\n', '\r').Split('\n').Select(l => l.TrimEnd('\r')).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file} cannot be read ({e.Message.TrimEnd('.')}).");
        }
    }
}
