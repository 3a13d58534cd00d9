using Copilot.Simulator;

namespace Copilot.UseCases;

/// <summary>How large a simulated incident becomes, and the rate of requests that makes it as large as wanted.</summary>
internal static class SimulatedSize
{
    public const long Most = 20_000_000_000;

    /// <summary>How far from the wanted size is near enough.</summary>
    public const double Tolerance = 0.15;

    private const double LeastRate = 0.05;
    private const double MostRate = 1000;
    private const double LowRate = 0.5;
    private const int MostAttempts = 4;

    // Measured with 8 to 200 services: objects, events and metrics of a service grow with time, spans and log lines with the requests.
    private const double BytesPerServiceMinute = 65_000;
    private const double BytesPerRequest = 8_000;

    /// <summary>A rough guess, good for telling gigabytes from terabytes.</summary>
    public static long Estimate(SimulationOptions options) =>
        (long)(options.Duration.TotalMinutes * (options.Services * BytesPerServiceMinute + options.RequestsPerSecond * 60 * BytesPerRequest));

    /// <exception cref="BadInputException">More than anybody means.</exception>
    public static long Within(long bytes) => bytes <= Most
        ? bytes : throw new BadInputException($"The incident would take about {Words(bytes)}, and at most {Words(Most)} are written: a mistyped number must not fill the disk. Give a lower --rate or --scale, or fewer --minutes or --services.");

    /// <summary>The size in words, in powers of ten.</summary>
    public static string Words(double bytes) => bytes >= 1e9 ? $"{bytes / 1e9:0.##} GB" : $"{bytes / 1e6:0.#} MB";

    /// <summary>
    /// Writes the incident with the rate of requests that makes it about that large. The size is affine in the rate but for replicas, which come with the
    /// load, so the line through two short runs is followed, and mended by each result that is too far off.
    /// </summary>
    /// <param name="directory">Does not exist; what is tried before is deleted.</param>
    public static (SimulationOptions Options, SimulatedIncident Incident) Write(SimulationOptions options, long wanted, string directory, Action<long, long>? progress, CancellationToken cancellation)
    {
        var low = Measure(options, LowRate, directory, SimulationRun.Report(progress, 0, 0.05), cancellation);
        var high = Measure(options, Math.Max(new SimulationOptions().RequestsPerSecond, LowRate * 2), directory, SimulationRun.Report(progress, 0.05, 0.15), cancellation);
        for (var attempt = 1; ; attempt++)
        {
            var rate = RateFor(wanted, low, high);
            var sized = options with { RequestsPerSecond = rate };
            var incident = SimulationRun.Write(sized, directory, SimulationRun.Report(progress, 0.15), cancellation);
            if (Math.Abs(incident.Bytes - wanted) <= Tolerance * wanted) return (sized, incident);
            if (attempt == MostAttempts)
                throw new BadInputException($"No rate of requests makes these options {Words(wanted)} large; {rate} requests per second gave {Words(incident.Bytes)}. Change --minutes or --services.");
            OutputFolder.Discard(directory);
            // The two points nearest to what is wanted tell most about the line there.
            var points = new[] { low, high, (Rate: rate, incident.Bytes) }.OrderBy(p => Math.Abs(p.Bytes - wanted)).Take(2).OrderBy(p => p.Rate).ToArray();
            (low, high) = (points[0], points[1]);
        }
    }

    private static double RateFor(long wanted, (double Rate, long Bytes) low, (double Rate, long Bytes) high)
    {
        var slope = Math.Max(1, (high.Bytes - low.Bytes) / (high.Rate - low.Rate));
        var rate = Math.Round(low.Rate + (wanted - low.Bytes) / slope, 3);
        if (rate < LeastRate)
            throw new BadInputException($"{Words(wanted)} are too little for these options: with hardly a request they take about {Words(low.Bytes - slope * (low.Rate - LeastRate))}. Give fewer --minutes or --services.");
        if (rate > MostRate)
            throw new BadInputException($"{Words(wanted)} are too much for these options: {MostRate} requests per second are the most that is simulated. Give more --minutes or --services.");
        return rate;
    }

    private static (double Rate, long Bytes) Measure(SimulationOptions options, double rate, string directory, IProgress<double>? progress, CancellationToken cancellation)
    {
        var bytes = SimulationRun.Write(options with { RequestsPerSecond = rate }, directory, progress, cancellation).Bytes;
        OutputFolder.Discard(directory);
        return (rate, bytes);
    }
}
