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
        var end = telemetry.IsEmpty ? seed.Latest ?? DateTimeOffset.UtcNow : DateTimeOffset.FromUnixTimeMilliseconds(telemetry.End / 1_000_000);
        var folder = Directory.CreateTempSubdirectory("copilot-stand-ins-").FullName;
        try
        {
            await using var running = new Running();
            await running.Start(telemetry, seed.WithLogs(telemetry), end, script, request.Port, cancellationToken);
            var (administrator, reader) = (Path.Combine(folder, "kubeconfig"), Path.Combine(folder, "kubeconfig-reader"));
            await running.Kubernetes.WriteKubeconfig(administrator, cancellation: cancellationToken);
            await running.Kubernetes.WriteKubeconfig(reader, ReaderToken, cancellation: cancellationToken);
            request.Started(new(
                snapshot.Name, end, running.All, administrator, reader,
                [.. running.NotPlayed, .. seed.LeftOut.Concat(telemetry.Gaps.Select(g => $"{g.Where}: {g.Detail}")).Distinct()]));
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
        private readonly List<string> _notPlayed = [];

        public KubernetesStandIn Kubernetes { get; private set; } = null!;

        public IReadOnlyList<StartedStandIn> All => [.. _all.Select(r => r.Started)];

        public IReadOnlyList<string> NotPlayed => _notPlayed;

        public IReadOnlyList<AskedStandIn> Asked => [.. _all.Select(r => new AskedStandIn(r.Started.System, r.Wire.Count))];

        public async Task Start(RecordedTelemetry telemetry, KubernetesSeed seed, DateTimeOffset end, ModelScript? script, int port, CancellationToken cancellation)
        {
            var next = port;
            int Port() => port == 0 ? 0 : next++;
            try
            {
                var clock = new RecordedClock(end - DateTimeOffset.UtcNow);
                var tokens = new Dictionary<string, KubernetesAccount> { [ReaderToken] = KubernetesAccount.Reader(ReaderToken) };
                var syncers = new Dictionary<string, ArgoCdAccount> { [ReaderToken] = new(ReaderToken, ArgoCdRight.Read), [OperatorToken] = new(OperatorToken, ArgoCdRight.Sync) };
                Kubernetes = await KubernetesStandIn.Start(new() { Seed = seed, Port = Port(), Tokens = tokens, Clock = clock }, cancellation);
                _all.Add((Kubernetes, Kubernetes.Wire, new("kubernetes", Kubernetes.Address, $"{seed.Count} objects")));
                var (logs, spans, objects) = (telemetry.Logs.Count, telemetry.Spans.Count, telemetry.Objects.Count);
                await Play("loki", logs, $"{logs} log records", at => LokiStandIn.Start(telemetry, port: at, cancellation: cancellation));
                await Play("tempo", spans, $"{spans} spans", at => TempoStandIn.Start(telemetry, port: at, cancellation: cancellation));
                await Play("jaeger", spans, $"{spans} spans", at => JaegerStandIn.Start(telemetry, port: at, cancellation: cancellation));
                await Play("opensearch", logs + spans, $"{logs} log records, {spans} spans", at => OpenSearchStandIn.Start(telemetry, port: at, cancellation: cancellation));
                await Play("argocd", objects, $"{objects} versions of objects, tokens {string.Join(" and ", syncers.Keys)}", at => ArgoCdStandIn.Start(telemetry, new() { Clock = clock, Tokens = syncers }, at, cancellation));
                if (script is null) return;
                var (model, turns) = (new ModelServerOptions(), script.Turns.Count);
                var says = $"a script of {turns} turns, key {model.Key}, model {model.Model}";
                await Play("openai", turns, says, at => OpenAiStandIn.Start(script, model, at, cancellation));
                await Play("anthropic", turns, says, at => AnthropicStandIn.Start(script, model, at, cancellation));
            }
            catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                throw new BadInputException($"Port {next - 1} is in use by another process. Name another first one with --port, or leave it away for any free ones.");
            }

            // A server with nothing in it would say that there was nothing, and nobody knows.
            async Task Play(string system, int records, string holds, Func<int, Task<StandInServer>> start)
            {
                var at = Port();
                if (records == 0) _notPlayed.Add($"{system}: nothing that it would answer from was recorded");
                else if (await start(at) is var server) _all.Add((server, server.Wire, new(system, server.Address, holds)));
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (server, _, _) in _all) await server.DisposeAsync();
        }
    }
}
