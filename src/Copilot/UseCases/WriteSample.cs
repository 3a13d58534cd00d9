using Copilot.Configuration;
using Copilot.Simulator;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Writes a small simulated incident below the data folder, so that there is something to investigate on a fresh machine.</summary>
internal sealed record WriteSample(long Seed) : IRequest<string>;

internal sealed class WriteSampleHandler(SampleWriter samples) : IRequestHandler<WriteSample, string>
{
    public Task<string> Handle(WriteSample request, CancellationToken cancellationToken)
    {
        var fault = FaultCatalogue.All[(int)((ulong)request.Seed % (ulong)FaultCatalogue.All.Count)];
        var options = new SimulationOptions { Seed = request.Seed, Faults = [fault.Fault], Pattern = fault.Patterns[0] };
        return Task.FromResult(samples.Write($"sample-{request.Seed}", options, cancellationToken));
    }
}

/// <summary>Writes the incident of the demo: it ends now, so that its evidence is fresh when policy decides.</summary>
internal sealed record WriteDemo(long Seed) : IRequest<string>;

internal sealed class WriteDemoHandler(SampleWriter samples, TimeProvider time) : IRequestHandler<WriteDemo, string>
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(30);

    public Task<string> Handle(WriteDemo request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var start = now - Length;
        var options = new SimulationOptions
        {
            Seed = request.Seed,
            Faults = [SimulatedFault.BadImage],
            Services = 6,
            RequestsPerSecond = 1,
            Duration = Length,
            FaultAfter = Length / 2,
            Start = start - TimeSpan.FromTicks(start.Ticks % TimeSpan.TicksPerSecond),
        };
        samples.Forget("demo-", keep: 2);
        return Task.FromResult(samples.Write($"demo-{now:yyyyMMdd-HHmmss}", options, cancellationToken));
    }
}

/// <summary>Writes simulated incidents below the data folder.</summary>
internal sealed class SampleWriter(DataFolder data)
{
    /// <summary>The directory of the incident; one that is there already is left as it is.</summary>
    public string Write(string name, SimulationOptions options, CancellationToken cancellation)
    {
        if (data.TryCreate() is { } fault) throw new BadInputException(fault);
        var directory = Path.Combine(data.Samples, name);
        if (Directory.Exists(directory)) return directory;
        try
        {
            return OutputFolder.Write(directory, partial =>
            {
                Simulation.Write(options, partial, progress: null, cancellation);
                return directory;
            });
        }
        catch (BadInputException e)
        {
            // Another process may have been faster, with the same bytes.
            return Directory.Exists(directory) ? directory : throw new BadInputException($"{e.Message} It lies in the data folder, which --data DIR names.");
        }
    }

    /// <summary>Deletes samples whose names begin so, but for the last ones by name.</summary>
    public void Forget(string prefix, int keep)
    {
        try
        {
            if (!Directory.Exists(data.Samples)) return;
            foreach (var old in Directory.GetDirectories(data.Samples, prefix + "*").Order(StringComparer.Ordinal).SkipLast(keep)) Directory.Delete(old, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They take some space and harm nobody; the next run tries again.
        }
    }
}
