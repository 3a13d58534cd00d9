namespace Copilot.Simulator.StandIns;

/// <summary>A request that the real system would refuse. Each stand-in writes it in its system's own shape.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">In the real system's words.</param>
/// <param name="kind">The type of the error where the system names one.</param>
internal sealed class RefusedRequestException(int status, string message, string kind = "") : Exception(message)
{
    public int Status { get; } = status;

    public string Kind { get; } = kind;
}
