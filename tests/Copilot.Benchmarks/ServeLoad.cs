using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator;

namespace Copilot.Benchmarks;

/// <summary>How fast <c>copilot serve</c> starts and answers, with client and server on one machine. /healthz does no work of ours: it is what the others are compared with.</summary>
internal static class ServeLoad
{
    private const int Starts = 5;
    private const int AlertsADelivery = 10;

    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    public static async Task<int> Run()
    {
        var folder = Directory.CreateTempSubdirectory("copilot-serve-").FullName;
        try
        {
            Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}; client and server on the same machine");
            Simulation.Write(new SimulationOptions { Seed = 7, Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1 }, Path.Combine(folder, "data", "snapshots", "broken"));
            await ColdStart(folder);
            await Load(Path.Combine(folder, "data"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ColdStart(string folder)
    {
        List<double> first = [], later = [];
        for (var i = 0; i < Starts; i++)
        {
            var data = Path.Combine(folder, $"start-{i}");
            string token;
            await using (var served = await Served.Start(data, null))
            {
                first.Add(served.Took.TotalSeconds);
                token = served.Token;
            }
            await using var again = await Served.Start(data, token);
            later.Add(again.Took.TotalSeconds);
        }
        Console.WriteLine($"cold start until /readyz says 200, median of {Starts}: {Middle(first):0.00} s with a new data folder, {Middle(later):0.00} s with one that is there");
    }

    private static async Task Load(string data)
    {
        await using var served = await Served.Start(data, null);
        var incident = await Investigate(served);
        var sent = 0;
        (string Name, Func<HttpRequestMessage> Ask)[] questions =
        [
            ("GET /healthz", () => new(HttpMethod.Get, "/healthz")),
            ("GET /api/v1/incidents", () => new(HttpMethod.Get, "/api/v1/incidents")),
            ("GET a diagnosis", () => new(HttpMethod.Get, $"/api/v1/incidents/{incident}/diagnosis")),
            ("GET 100 receipts", () => new(HttpMethod.Get, "/api/v1/receipts")),
            ("POST an investigation known by its key", () => Body("/api/v1/investigations", new JsonObject { ["snapshot"] = "broken" }, "the-same")),
            ($"POST {AlertsADelivery} alerts, half of them known", () => Body("/api/v1/alerts/alertmanager", Delivery(Interlocked.Increment(ref sent)), null)),
        ];
        Console.WriteLine("| request | connections | requests/s | of /healthz | p50 ms | p99 ms | worst ms | memory MiB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var connections in (int[])[1, 16])
        {
            var floor = 0.0;
            foreach (var (name, ask) in questions)
            {
                await Ask(served, connections, Warming, ask);
                var took = await Ask(served, connections, Measured, ask);
                var rate = took.Count / Measured.TotalSeconds;
                if (floor == 0) floor = rate;
                Console.WriteLine($"| {name} | {connections} | {rate:0} | {rate / floor:0.00} | {At(took, 0.5):0.0} | {At(took, 0.99):0.0} | {took[^1]:0.0} | {served.Memory("VmRSS"):0} |");
            }
        }
        var busy = Keep(served, out var stop);
        var beside = await Ask(served, 1, Measured, questions[1].Ask);
        await stop.CancelAsync();
        Console.WriteLine($"| {questions[1].Name} while {await busy} investigations ran one after the other | 1 | {beside.Count / Measured.TotalSeconds:0} | | {At(beside, 0.5):0.0} | {At(beside, 0.99):0.0} | {beside[^1]:0.0} | {served.Memory("VmRSS"):0} |");
        Console.WriteLine($"peak memory of the whole run: {served.Memory("VmHWM"):0} MiB");
    }

    /// <summary>Milliseconds of every request, in their order of size. A request that is not answered as it should be ends the run: refusals are fast.</summary>
    private static async Task<List<double>> Ask(Served served, int connections, TimeSpan time, Func<HttpRequestMessage> ask)
    {
        var whole = Stopwatch.StartNew();
        var taken = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            List<double> took = [];
            while (whole.Elapsed < time)
            {
                using var request = ask();
                var clock = Stopwatch.GetTimestamp();
                using var answer = await served.Client.SendAsync(request);
                await answer.Content.ReadAsByteArrayAsync();
                took.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
                if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{request.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
            return took;
        })));
        return [.. taken.SelectMany(t => t).Order()];
    }

    private static async Task<string> Investigate(Served served)
    {
        using var request = Body("/api/v1/investigations", new JsonObject { ["snapshot"] = "broken" }, null);
        using var accepted = await served.Client.SendAsync(request);
        accepted.EnsureSuccessStatusCode();
        while (true)
        {
            var state = JsonNode.Parse(await served.Client.GetStringAsync(accepted.Headers.Location))!;
            if ((string?)state["state"] == "done") return (string)state["incident"]!;
            if ((string?)state["state"] is not ("queued" or "running")) throw new InvalidOperationException(state.ToJsonString());
            await Task.Delay(20);
        }
    }

    /// <summary>Investigates again and again; how often, when it is told to stop.</summary>
    private static Task<int> Keep(Served served, out CancellationTokenSource stop)
    {
        var stopping = stop = new CancellationTokenSource();
        return Task.Run(async () =>
        {
            for (var done = 0; ; done++)
            {
                if (stopping.IsCancellationRequested) return done;
                await Investigate(served);
            }
        });
    }

    private static HttpRequestMessage Body(string path, JsonNode body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static JsonObject Delivery(int number) => new()
    {
        ["version"] = "4",
        ["groupKey"] = "{}",
        ["status"] = "firing",
        ["receiver"] = "copilot",
        ["alerts"] = new JsonArray([.. Enumerable.Range(0, AlertsADelivery).Select(i => new JsonObject
        {
            ["status"] = "firing",
            ["labels"] = new JsonObject { ["alertname"] = "ErrorsHigh", ["namespace"] = "shop", ["service"] = $"s{i}", ["instance"] = i % 2 == 0 ? "known" : $"{number}" },
            ["annotations"] = new JsonObject { ["summary"] = "errors above a twentieth" },
            ["startsAt"] = "2026-01-01T00:00:00Z",
        })]),
    };

    private static double Middle(List<double> values) => At([.. values.Order()], 0.5);

    private static double At(List<double> ordered, double share) => ordered[Math.Min((int)(ordered.Count * share), ordered.Count - 1)];

    /// <summary>The process, with a client that holds its token.</summary>
    private sealed class Served : IAsyncDisposable
    {
        private readonly Process _process;

        private Served(Process process, HttpClient client, string token, TimeSpan took) => (_process, Client, Token, Took) = (process, client, token, took);

        public HttpClient Client { get; }

        public string Token { get; }

        /// <summary>From the start of the process to the first time that it was ready.</summary>
        public TimeSpan Took { get; }

        public static async Task<Served> Start(string data, string? token)
        {
            var clock = Stopwatch.StartNew();
            var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "copilot"), ["serve", "--port", "0", "--data", data]) { RedirectStandardOutput = true, UseShellExecute = false };
            start.Environment["Copilot__Serve__RequestsPerSecond"] = "1000000";
            // Alerts are to be taken in, not investigated meanwhile.
            start.Environment["Copilot__Alerts__WaitSeconds"] = "3600";
            var process = Process.Start(start)!;
            var client = new HttpClient();
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Split(' ')[^1] is ['c', 'o', 'p', 'i', 'l', 'o', 't', '_', ..] made) token = made;
                if (!line.StartsWith("Serving at ", StringComparison.Ordinal)) continue;
                client.BaseAddress = new Uri(line["Serving at ".Length..]);
                break;
            }
            if (client.BaseAddress is null) throw new InvalidOperationException("copilot serve did not start");
            _ = process.StandardOutput.ReadToEndAsync();
            while (!(await client.GetAsync("/readyz")).IsSuccessStatusCode) await Task.Delay(5);
            var took = clock.Elapsed;
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return new(process, client, token!, took);
        }

        /// <summary>MiB, by the kernel's name of the figure.</summary>
        public double Memory(string figure) =>
            double.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(figure, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            Client.Dispose();
        }
    }
}
