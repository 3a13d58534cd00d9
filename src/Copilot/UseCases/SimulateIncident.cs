using Copilot.Simulator;
using Copilot.Simulator.Validation;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Writes one simulated incident into a folder of its own, whole or not at all.</summary>
/// <param name="Directory">Empty or new.</param>
/// <param name="Size">About how large it is to be, such as 40MB; null for what the rate of requests gives.</param>
/// <param name="Check">Whether to judge what was written from its files alone.</param>
/// <param name="Progress">Is told the share that is done, as a part of a total.</param>
internal sealed record SimulateIncident(IncidentChoices Choices, string Directory, string? Size, bool Check, Action<long, long>? Progress) : IRequest<WrittenIncident>;

/// <param name="Directory">Where it lies.</param>
/// <param name="Digest">Over all its files.</param>
/// <param name="Simulator">Version of the simulator: equal options give equal bytes while it stays.</param>
/// <param name="Rate">Requests per second.</param>
/// <param name="IsSnapshot">Whether the layout is one that an investigation reads.</param>
/// <param name="Causes">The right answer.</param>
/// <param name="Check">Null when none was asked for.</param>
internal sealed record WrittenIncident(
    string Directory, long Bytes, string Digest, int Simulator, int Services, double Rate, DateTimeOffset From, DateTimeOffset To, bool IsSnapshot, IReadOnlyList<WrittenCause> Causes, CheckedRecording? Check);

/// <param name="Name"><c>namespace/Kind/name</c>.</param>
/// <param name="Says">What was done to it.</param>
internal sealed record WrittenCause(string Name, string Fault, string Mechanism, DateTimeOffset At, string Says)
{
    public static WrittenCause Of(SimulatedCause cause) => new(cause.Name, cause.Fault.Name, cause.Fault.Mechanism, cause.At, cause.Condition);
}

/// <param name="Rules">How many rules had something to check.</param>
/// <param name="Broken">A line for each rule that does not hold and for the first places where it does not.</param>
/// <param name="Missing">Files of the layout that are not there.</param>
internal sealed record CheckedRecording(int Rules, IReadOnlyList<string> Broken, IReadOnlyList<string> Missing)
{
    public static CheckedRecording Of(string directory, CancellationToken cancellation)
    {
        var report = SnapshotValidator.Validate(directory, cancellation);
        return new(
            report.Rules.Count(r => r.Checked > 0),
            [.. report.Rules.Where(r => r.ViolationCount > 0).SelectMany(r => r.Violations.Select(v => $"- {v}").Prepend($"{r.Rule}: broken {r.ViolationCount} times. {r.Says}"))],
            report.Missing);
    }
}

internal sealed class SimulateIncidentHandler : IRequestHandler<SimulateIncident, WrittenIncident>
{
    public Task<WrittenIncident> Handle(SimulateIncident request, CancellationToken cancellationToken) => Task.Run(() => Write(request, cancellationToken), cancellationToken);

    private static WrittenIncident Write(SimulateIncident request, CancellationToken cancellation)
    {
        var options = request.Choices.ToOptions();
        if (request is { Size: not null, Choices.Rate: not null }) throw new BadInputException("--scale chooses the rate of requests, and --rate sets it. Take one of the two away.");
        if (request.Check && options.Shape != RecordingShape.ItBench) throw new BadInputException("--check judges the ITBench layout only. Take --check or --shape away.");
        var size = request.Size is { } text ? SimulatedSize.Within(IncidentChoices.Size(text)) : (long?)null;
        if (size is null) SimulatedSize.Within(SimulatedSize.Estimate(options));
        var directory = OutputFolder.Free(request.Directory);
        return OutputFolder.Write(directory, partial =>
        {
            SimulatedIncident incident;
            if (size is { } bytes) (options, incident) = SimulatedSize.Write(options, bytes, partial, request.Progress, cancellation);
            else incident = SimulationRun.Write(options, partial, SimulationRun.Report(request.Progress), cancellation);
            return Written(directory, options, incident, request.Check ? CheckedRecording.Of(partial, cancellation) : null);
        });
    }

    private static WrittenIncident Written(string directory, SimulationOptions options, SimulatedIncident incident, CheckedRecording? check) => new(
        directory, incident.Bytes, incident.Digest, Simulation.Version, options.Services, options.RequestsPerSecond, options.Start, options.Start + options.Duration,
        options.Shape == RecordingShape.ItBench, [.. incident.Causes.Select(WrittenCause.Of)], check);
}
