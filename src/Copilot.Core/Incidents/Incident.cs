namespace Copilot.Core.Incidents;

/// <summary>Something that was looked into, however often. It belongs to one snapshot.</summary>
/// <param name="Id">ULID; also the name of its stream in the receipt log.</param>
/// <param name="Source">The full path of the snapshot.</param>
/// <param name="Severity"><c>sev1</c> to <c>sev4</c>, or <c>unknown</c>.</param>
/// <param name="Environment">As the policy names it, or <c>unknown</c>.</param>
/// <param name="Resolution"><c>resolved</c>, <c>no-fault</c>, <c>duplicate</c> or <c>abandoned</c>; null while it is open.</param>
public sealed record Incident(string Id, string Name, string Source, string Severity, string Environment, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, string? Resolution);

/// <summary>An investigation that was finished.</summary>
/// <param name="Run">ULID.</param>
/// <param name="Status">Of its diagnosis, in snake case.</param>
/// <param name="Diagnosis">The document as it was handed out; its digest is in the receipt <paramref name="LastSeq"/>.</param>
/// <param name="FirstSeq">The number of its first receipt; those of other runs may lie between.</param>
public sealed record FinishedInvestigation(string Run, DateTimeOffset At, string Status, string Summary, string Diagnosis, long FirstSeq, long LastSeq);

/// <summary>What a person said about the diagnosis of an incident.</summary>
/// <param name="Verdict"><c>right</c> or <c>wrong</c>.</param>
/// <param name="TrueCauses">What it really was: <c>namespace/Kind/name</c>, with <c>:mechanism</c> where it is known.</param>
/// <param name="By">Such as <c>os:alice</c>.</param>
public sealed record Feedback(string Verdict, IReadOnlyList<string> TrueCauses, string? Note, string By, DateTimeOffset At);
