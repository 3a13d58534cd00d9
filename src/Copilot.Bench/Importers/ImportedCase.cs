using Copilot.Bench.Cases;

namespace Copilot.Bench.Importers;

/// <summary>A case as an importer finds it in a foreign data set.</summary>
/// <param name="Description">What is known about it.</param>
/// <param name="WriteSnapshot">Writes its evidence, in the layout that the copilot reads, into an empty folder. Streams: no file is held as a whole.</param>
public sealed record ImportedCase(CaseDescription Description, Action<string, CancellationToken> WriteSnapshot);
