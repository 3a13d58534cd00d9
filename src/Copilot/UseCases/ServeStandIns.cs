using Copilot.Engine.Snapshots;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.ArgoCd;
using Copilot.Simulator.StandIns.Jaeger;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Simulator.StandIns.Loki;
using Copilot.Simulator.StandIns.Models;
using Copilot.Simulator.StandIns.OpenSearch;
using Copilot.Simulator.StandIns.Tempo;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Plays the systems that a recording was taken from, on the loopback interface, until it is told to stop; then says how often each was asked.</summary>
/// <param name="Snapshot">A recorded incident, or a dump of a cluster.</param>
/// <param name="Script">A file that says what the model servers answer; null for no model servers.</param>
/// <param name="Port">That of the first; the others follow it in their order. 0 for any free ones.</param>
/// <param name="Started">Is told what listens where.</param>
internal sealed record ServeStandIns(string Snapshot, string? Script, int Port, Action<StartedStandIns> Started) : IRequest<IReadOnlyList<AskedStandIn>>;

/// <param name="End">Of the recording: the stand-ins take it for the present.</param>
/// <param name="Kubeconfig">The administrator's.</param>
/// <param name="Reader">The kubeconfig of somebody who may only read.</param>
/// <param name="LeftOut">What of the recording could not be used.</param>
internal sealed record StartedStandIns(string Snapshot, DateTimeOffset End, IReadOnlyList<StartedStandIn> All, string Kubeconfig, string Reader, IReadOnlyList<string> LeftOut);

/// <param name="Holds">What it answers from, in words.</param>
internal sealed record StartedStandIn(string System, Uri Address, string Holds);

internal sealed record AskedStandIn(string System, int Requests);

internal sealed class ServeStandInsHandler(SnapshotSource source) : IRequestHandler<ServeStandIns, IReadOnlyList<AskedStandIn>>
{
    /// <summary>Who may only read, and who may also roll out.</summary>
    private const string ReaderToken = "reader", OperatorToken = "operator";

    private const int MostScriptBytes = 4 << 20;

    // So that the last of them has a port as well.
    private const int LastPort = 65_000;

    public async Task<IReadOnlyList<AskedStandIn>> Handle(ServeStandIns request, CancellationToken cancellationToken)
    {
        if (request.Port is < 0 or > LastPort) throw new BadInputException($"--port {request.Port}: name one from 1 to {LastPort}, or 0 for any free ones.");
        var script = request.Script is { } file ? Script(file) : null;
        var snapshot = source.ToPlay(request.Snapshot, cancellationToken);
        var (telemetry, seed) = await Task.Run(() => (Read(snapshot, cancellationToken), KubernetesSeed.Recorded(snapshot, cancellationToken)), cancellationToken);
        var folder = Directory.CreateTempSubdirectory("copilot-stand-ins-").FullName;
        try
        {
            await using var running = new Running();
            await running.Start(telemetry, seed, script, request.Port, cancellationToken);
            var (administrator, reader) = (Path.Combine(folder, "kubeconfig"), Path.Combine(folder, "kubeconfig-reader"));
            await running.Kubernetes.WriteKubeconfig(administrator, cancellation: cancellationToken);
            await running.Kubernetes.WriteKubeconfig(reader, ReaderToken, cancellation: cancellationToken);
            request.Started(new(
                snapshot.Name, End(telemetry), running.All, administrator, reader,
                [.. seed.LeftOut.Concat(telemetry.Gaps.Select(g => $"{g.Where}: {g.Detail}")).Distinct()]));
            await Stopped(cancellationToken);
            return running.Asked;
        }
        finally
        {
            OutputFolder.Discard(folder);
        }
    }

    private static async Task Stopped(CancellationToken cancellation)
    {
        var stopped = new TaskCompletionSource();
        await using var registration = cancellation.Register(stopped.SetResult);
        await stopped.Task;
    }

    private static ModelScript Script(string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (info is { Exists: true, Length: > MostScriptBytes }) throw new BadInputException($"{file} holds more than {MostScriptBytes >> 20} MiB. A script is a short JSON document of turns.");
            return ModelScript.Parse(File.ReadAllText(file));
        }
        catch (InvalidDataException e)
        {
            throw new BadInputException($"{file}: {e.Message} docs/stand-ins.md shows one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file} cannot be read ({e.Message.TrimEnd('.')}). Name a script, or take --script away.");
        }
    }

    private static DateTimeOffset End(RecordedTelemetry telemetry) => DateTimeOffset.FromUnixTimeMilliseconds(telemetry.End / 1_000_000);

    private static RecordedTelemetry Read(Snapshot snapshot, CancellationToken cancellation)
    {
        try
        {
            return RecordedTelemetry.Read(snapshot, cancellation: cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new BadInputException(e.Message);
        }
    }

    /// <summary>Goes on from the end of the recording, so that ages and backoffs are what they were.</summary>
    private sealed class RecordedClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }

    /// <summary>What runs, in the order of the ports.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly List<(IAsyncDisposable Server, WireLog Wire, StartedStandIn Started)> _all = [];

        public KubernetesStandIn Kubernetes { get; private set; } = null!;

        public IReadOnlyList<StartedStandIn> All => [.. _all.Select(r => r.Started)];

        public IReadOnlyList<AskedStandIn> Asked => [.. _all.Select(r => new AskedStandIn(r.Started.System, r.Wire.Count))];

        public async Task Start(RecordedTelemetry telemetry, KubernetesSeed seed, ModelScript? script, int port, CancellationToken cancellation)
        {
            var next = port;
            int Port() => port == 0 ? 0 : next++;
            try
            {
                // It goes on from the end of the recording.
                var clock = new RecordedClock(End(telemetry) - DateTimeOffset.UtcNow);
                var tokens = new Dictionary<string, KubernetesAccount> { [ReaderToken] = KubernetesAccount.Reader(ReaderToken) };
                var syncers = new Dictionary<string, ArgoCdAccount> { [ReaderToken] = new(ReaderToken, ArgoCdRight.Read), [OperatorToken] = new(OperatorToken, ArgoCdRight.Sync) };
                Kubernetes = await KubernetesStandIn.Start(new() { Seed = seed, Port = Port(), Tokens = tokens, Clock = clock }, cancellation);
                _all.Add((Kubernetes, Kubernetes.Wire, new("kubernetes", Kubernetes.Address, $"{seed.Count} objects")));
                var (logs, spans) = ($"{telemetry.Logs.Count} log records", $"{telemetry.Spans.Count} spans");
                Add(await LokiStandIn.Start(telemetry, port: Port(), cancellation: cancellation), logs);
                Add(await TempoStandIn.Start(telemetry, port: Port(), cancellation: cancellation), spans);
                Add(await JaegerStandIn.Start(telemetry, port: Port(), cancellation: cancellation), spans);
                Add(await OpenSearchStandIn.Start(telemetry, port: Port(), cancellation: cancellation), $"{logs}, {spans}");
                Add(await ArgoCdStandIn.Start(telemetry, new() { Clock = clock, Tokens = syncers }, Port(), cancellation), $"{telemetry.Objects.Count} versions of objects, tokens {string.Join(" and ", syncers.Keys)}");
                if (script is null) return;
                var (model, says) = (new ModelServerOptions(), $"a script of {script.Turns.Count} turns");
                Add(await OpenAiStandIn.Start(script, model, Port(), cancellation), $"{says}, key {model.Key}, model {model.Model}");
                Add(await AnthropicStandIn.Start(script, model, Port(), cancellation), $"{says}, key {model.Key}, model {model.Model}");
            }
            catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                throw new BadInputException($"Port {next - 1} is in use by another process. Name another first one with --port, or leave it away for any free ones.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (server, _, _) in _all) await server.DisposeAsync();
        }

        private void Add(StandInServer server, string holds) => _all.Add((server, server.Wire, new(server.Name, server.Address, holds)));
    }
}
