using Copilot.Configuration;
using Copilot.Simulator;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Writes a small simulated incident below the data folder, so that there is something to investigate on a fresh machine.</summary>
internal sealed record WriteSample(long Seed) : IRequest<string>;

internal sealed class WriteSampleHandler(DataFolder data) : IRequestHandler<WriteSample, string>
{
    private static readonly SimulatedFault[] Faults = [.. Enum.GetValues<SimulatedFault>().Where(f => f != SimulatedFault.None)];

    public Task<string> Handle(WriteSample request, CancellationToken cancellationToken)
    {
        if (data.TryCreate() is { } fault) throw new BadInputException(fault);
        var directory = Path.Combine(data.Samples, $"sample-{request.Seed}");
        if (Directory.Exists(directory)) return Task.FromResult(directory);
        // Renamed when complete: an interrupted run leaves nothing that looks like a sample.
        var partial = $"{directory}.partial-{Environment.ProcessId}";
        try
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
            IncidentWriter.Write(new SimulationOptions { Seed = request.Seed, Fault = Faults[(int)((ulong)request.Seed % (ulong)Faults.Length)] }, partial, progress: null, cancellationToken);
            if (!Directory.Exists(directory)) Directory.Move(partial, directory);
            return Task.FromResult(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The sample cannot be written to {partial} ({e.Message}). Free some space, mend the permissions, or name another folder with --data DIR.");
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }
}
