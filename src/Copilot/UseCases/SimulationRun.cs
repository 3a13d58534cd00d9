using Copilot.Simulator;

namespace Copilot.UseCases;

/// <summary>One run of the simulator on behalf of a person.</summary>
internal static class SimulationRun
{
    private const int Whole = 1000;

    /// <exception cref="BadInputException">The simulator refuses the options.</exception>
    public static SimulatedIncident Write(SimulationOptions options, string directory, IProgress<double>? progress, CancellationToken cancellation)
    {
        try
        {
            return Simulation.Write(options, directory, progress, cancellation);
        }
        catch (ArgumentException e) when (e.GetType() == typeof(ArgumentException) && e.ParamName is { } name)
        {
            // The name of a parameter says nothing to whoever typed the options.
            throw new BadInputException(e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal));
        }
    }

    /// <param name="progress">Is told the share as a part of a total.</param>
    /// <param name="from">What was done before this run, 0 to 1.</param>
    /// <param name="to">What is done after it.</param>
    public static IProgress<double>? Report(Action<long, long>? progress, double from = 0, double to = 1) =>
        progress is null ? null : new Share(share => progress((long)((from + share * (to - from)) * Whole), Whole));

    // Progress<T> of the library hands its reports to other threads, where they overtake each other.
    internal sealed class Share(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}
