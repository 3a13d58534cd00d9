namespace Copilot.UseCases;

/// <summary>How a witness is to run.</summary>
/// <param name="State">The witness's own folder, made at the first start.</param>
/// <param name="Logs">Files with the public keys of the logs that it knows.</param>
/// <param name="Name">Its name, at the first start; null for the one it has or a new one.</param>
/// <param name="Listen">Address and port.</param>
internal sealed record WitnessSetup(string State, IReadOnlyList<string> Logs, string? Name, string Listen);
