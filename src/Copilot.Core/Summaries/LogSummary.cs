using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>What the services logged before and after things got worse, by template: <c>copilot-logs/1</c>. Times are UTC.</summary>
/// <param name="Recorded">Whether there are logs at all: none recorded and none written are different things.</param>
/// <param name="Split">The end of "before"; null where nothing got worse, and then all lines count as before.</param>
/// <param name="MinutesBefore">How much of the time before holds log lines.</param>
/// <param name="Services">Those with something new or different first.</param>
/// <param name="AsBefore">Services that logged as before, and no problems.</param>
/// <param name="ProblemsAsBefore">Services that logged problems, as often as before.</param>
public sealed record LogSummary(
    string Schema,
    string Incident,
    DiagnosisStatus Status,
    string Summary,
    bool Recorded,
    DateTimeOffset? Split,
    double MinutesBefore,
    double MinutesAfter,
    IReadOnlyList<ServiceLog> Services,
    IReadOnlyList<string> AsBefore,
    IReadOnlyList<string> ProblemsAsBefore,
    IReadOnlyList<LeftOut> LeftOut,
    IReadOnlyList<MissingEvidence> MissingEvidence,
    IReadOnlyList<RemovedStatement> RemovedStatements)
{
    public const string SchemaId = "copilot-logs/1";
}

/// <param name="Before">Lines before the split.</param>
/// <param name="LeftOut">Templates of this service that are not told.</param>
public sealed record ServiceLog(string Service, string Name, long Before, long After, IReadOnlyList<LoggedTemplate> Templates, int LeftOut);

/// <summary>Lines that say the same.</summary>
/// <param name="Change"><c>new</c>, <c>more</c>, <c>stopped</c>, <c>less</c>, <c>same</c>, or <c>unknown</c> where before and after cannot be told apart.</param>
/// <param name="Problem">Whether it reports a failure, by its severity or its words.</param>
/// <param name="Text">The constant words, with <c>&lt;*&gt;</c> for what varies.</param>
/// <param name="PerMinuteBefore">Lines per minute that was recorded.</param>
/// <param name="Example">A whole line: of what is new or more, one from after the split.</param>
public sealed record LoggedTemplate(string Change, bool Problem, string Text, long Before, long After, double PerMinuteBefore, double PerMinuteAfter, CitedEvidence Example);
