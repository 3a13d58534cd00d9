namespace Copilot.Sources.Kubernetes;

/// <summary>A call that was made, each attempt by itself.</summary>
/// <param name="Path">With its query; no secret is ever in it.</param>
/// <param name="Status">0 when nothing came back.</param>
internal sealed record ClusterCall(string Method, string Path, int Status, long Milliseconds);

/// <summary>A cluster could not be looked at. The message says why in a sentence.</summary>
internal sealed class NotSeenException(string message) : Exception(message);
