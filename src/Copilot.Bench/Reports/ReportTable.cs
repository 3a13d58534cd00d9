namespace Copilot.Bench.Reports;

/// <summary>A table of words, the same on the terminal, in Markdown and on a page.</summary>
/// <param name="Note">What one has to know to read it; empty when nothing.</param>
public sealed record ReportTable(string Title, IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows, string Note);
