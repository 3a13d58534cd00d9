using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

/// <summary>That one component calls another, as somebody wrote it down: nothing about when or how often.</summary>
public sealed record TopologyEdge(string Caller, string Callee, RecordAddress Address);
