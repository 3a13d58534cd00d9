namespace Copilot.Simulator.StandIns.Models;

/// <summary>What both model servers have.</summary>
public sealed record ModelServerOptions
{
    /// <summary>What the client must send as its key.</summary>
    public string Key { get; init; } = "stand-in-key";

    /// <summary>The one model that there is; any other is not found.</summary>
    public string Model { get; init; } = "scripted-1";
}
