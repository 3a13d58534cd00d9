namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>How something is written.</summary>
/// <param name="Manager">The field manager.</param>
/// <param name="Subresource">Through which; empty for the object itself.</param>
/// <param name="DryRun">Whether nothing may be kept and nobody may notice.</param>
internal sealed record WriteOptions(string Manager, string Subresource = "", bool DryRun = false);

/// <summary>How something is deleted.</summary>
/// <param name="GraceSeconds">Null for what the object asks for.</param>
/// <param name="Propagation"><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</param>
/// <param name="Uid">That it must have; empty for any.</param>
/// <param name="ResourceVersion">That it must have; empty for any.</param>
internal sealed record DeleteOptions(int? GraceSeconds = null, string Propagation = "Background", string Uid = "", string ResourceVersion = "", bool DryRun = false);
