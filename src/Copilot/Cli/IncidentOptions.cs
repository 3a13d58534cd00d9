using System.CommandLine;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>The options that say what <c>copilot simulate</c> writes. What they may be is for the simulator to say.</summary>
internal sealed class IncidentOptions
{
    private readonly Option<string[]> _faults = new("--fault") { HelpName = "NAME,...|none", Description = "What goes wrong; several go wrong at once" };
    private readonly Option<string?> _pattern = new("--pattern") { HelpName = "sudden|delayed|slow|intermittent", Description = "How the first fault develops (default: sudden)" };
    private readonly Option<long?> _application = new("--app") { HelpName = "N", Description = "Which application (default: the seed)" };
    private readonly Option<long?> _seed = new("--seed") { HelpName = "N", Description = "Which incident of it: its traffic, targets and distractions (default: 1)" };
    private readonly Option<int?> _services = new("--services") { HelpName = "5..1000", Description = "How many services, datastores, caches and queues (default: 8)" };
    private readonly Option<double?> _rate = new("--rate") { HelpName = "R", Description = "Requests per second (default: 2)" };
    private readonly Option<int?> _minutes = new("--minutes") { HelpName = "N", Description = "Length of the recording (default: 35)" };
    private readonly Option<int?> _faultAfter = new("--fault-after") { HelpName = "N", Description = "Minutes before the fault (default: the half)" };
    private readonly Option<string?> _start = new("--start") { HelpName = "TIME", Description = "Begin of the recording, such as 2026-11-27T09:30:00Z" };
    private readonly Option<string?> _shape = new("--shape") { HelpName = "itbench|nezha|petshop|rcaeval", Description = "The layout of the files (default: itbench)" };
    private readonly Option<string[]> _missing = new("--missing") { HelpName = "SOURCE,...", Description = "What was not recorded: alerts, events, objects, logs, traces, metrics" };
    private readonly Option<bool> _truncated = new("--truncated") { Description = "Traces and logs end some minutes after the fault" };
    private readonly Option<bool> _coarse = new("--coarse") { Description = "Metrics every 5 minutes, and one trace in ten" };
    private readonly Option<bool> _pointInTime = new("--point-in-time") { Description = "Only what could be seen at the end: no history, no traces, no metrics" };
    private readonly Option<bool> _noDecoys = new("--no-decoys") { Description = "Without harmless changes and old failures beside the fault" };
    private readonly Option<bool> _noNoise = new("--no-noise") { Description = "Without background alerts and sporadic errors" };

    /// <summary>About how large it is to be, which takes the place of the rate.</summary>
    public Option<string?> Scale { get; } = new("--scale") { HelpName = "SIZE", Description = "About how large, such as 40MB or 1GB; chooses the rate" };

    public IEnumerable<Option> All =>
        [_faults, _pattern, _application, _seed, _services, _rate, _minutes, _faultAfter, _start, Scale, _shape, _missing, _truncated, _coarse, _pointInTime, _noDecoys, _noNoise];

    public IncidentChoices Read(ParseResult parsed) => new()
    {
        Faults = parsed.GetValue(_faults) ?? [],
        Pattern = parsed.GetValue(_pattern),
        Application = parsed.GetValue(_application),
        Seed = parsed.GetValue(_seed),
        Services = parsed.GetValue(_services),
        Rate = parsed.GetValue(_rate),
        Minutes = parsed.GetValue(_minutes),
        FaultAfter = parsed.GetValue(_faultAfter),
        Start = parsed.GetValue(_start),
        Shape = parsed.GetValue(_shape),
        Missing = parsed.GetValue(_missing) ?? [],
        Truncated = parsed.GetValue(_truncated),
        Coarse = parsed.GetValue(_coarse),
        PointInTime = parsed.GetValue(_pointInTime),
        Decoys = !parsed.GetValue(_noDecoys),
        Noise = !parsed.GetValue(_noNoise),
    };
}
