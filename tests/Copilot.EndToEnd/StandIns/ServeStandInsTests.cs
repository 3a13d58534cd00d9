using System.Net;
using System.Net.Sockets;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Copilot.EndToEnd.Support;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns;

/// <summary><c>copilot simulate --serve</c> as a person runs it.</summary>
public sealed class ServeStandInsTests(SimulatedSnapshot snapshot) : IDisposable
{
    private const string Script = """{"turns": [{"text": "The image does not exist."}]}""";

    /// <summary>A question to each system that only it answers so, in the order of the ports.</summary>
    private static readonly (string System, string Question, string Answers)[] Systems =
    [
        ("kubernetes", "version", "\"major\""),
        ("loki", "loki/api/v1/status/buildinfo", "\"version\""),
        ("tempo", "api/echo", "echo"),
        ("jaeger", "api/services", "\"data\""),
        ("opensearch", "_cluster/health", "cluster_name"),
        ("argocd", "api/version", "Version"),
        ("openai", "v1/models", "You didn't provide an API key"),
        ("anthropic", "v1/messages", "not_found_error"),
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serve_Snapshot_PlaysEverySystemUntilStopped()
    {
        await using var process = await Start("--script", _folder.Write("script.json", Script));
        var addresses = Addresses(process);
        using var client = new HttpClient();

        Assert.Equal(Systems.Select(s => s.System), addresses.Keys);
        foreach (var (system, question, answers) in Systems)
        {
            var answer = await client.GetAsync(new Uri(addresses[system], question), TestContext.Current.CancellationToken);
            Assert.Contains(answers, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        var (code, output) = await process.Stop();

        Assert.Equal(0, code);
        Assert.EndsWith($"Stopped. Requests: {string.Join(", ", Systems.Select(s => $"{s.System} 1"))}\n", output);
    }

    [Fact]
    public async Task Serve_Kubeconfigs_OpenTheClusterAtTheEndOfTheRecordingAndGoWithIt()
    {
        await using var process = await Start();
        var files = Kubeconfigs(process);
        using Kubectl administrator = Kubectl.With(files[0]), reader = Kubectl.With(files[1]);
        var pods = await administrator.Run("get pods -A");
        var read = await reader.Run("get deployments -A -o name");
        var change = await reader.Run("delete deployments --all -A");

        // The recorded incident is about half an hour old, however long ago it was recorded.
        Assert.Matches(@"ImagePullBackOff +0 +\d+m", pods.Output);
        Assert.Contains("deployment.apps/", read.Output);
        Assert.Equal(1, change.Code);
        Assert.Contains("User \"reader\" cannot", change.Error);
        await process.Stop();
        Assert.All(files, f => Assert.False(File.Exists(f)));
    }

    [Fact]
    public async Task Serve_PodLogs_AreTheRecordedRecords()
    {
        var pod = snapshot.Telemetry.Logs.GroupBy(l => (Namespace: l.Resource["k8s.namespace.name"], Name: l.Resource["k8s.pod.name"])).MaxBy(g => g.Count())!;
        await using var process = await Start();
        using var kubectl = Kubectl.With(Kubeconfigs(process)[1]);

        var (code, output, _) = await kubectl.Run($"logs -n {pod.Key.Namespace} {pod.Key.Name} --tail=20");

        Assert.Equal(0, code);
        Assert.Equal(pod.SelectMany(l => l.Body.Split('\n')).TakeLast(20), output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Serve_DumpOfACluster_PlaysTheClusterAsItWasAndNothingElse()
    {
        await using var recorded = await Start();
        using var administrator = Kubectl.With(Kubeconfigs(recorded)[0]);
        Assert.Equal(0, (await administrator.Run("cluster-info dump -A --output-directory dump")).Code);
        var before = await administrator.Run("get pods -A");

        await using var played = await CopilotProcess.Start(IsReady, ["simulate", "--serve", Path.Combine(administrator.Home, "dump"), "--data", _folder.Combine("data")]);
        using var again = Kubectl.With(Kubeconfigs(played)[0]);
        var after = await again.Run("get pods -A");

        Assert.Equal(["kubernetes"], Addresses(played).Keys);
        Assert.Equal(before.Output.Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(4))), after.Output.Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(4))));
        Assert.Matches(@"ImagePullBackOff +0 +\d+m", after.Output);
    }

    [Fact]
    public async Task Serve_PortInUse_SaysWhich()
    {
        // Below the ports that the kernel hands out, so that no other test can hold the one before.
        var port = Enumerable.Range(21_000, 1_000).First(p => IsFree(p - 1) && IsFree(p));
        using var taken = new TcpListener(IPAddress.Loopback, port);
        taken.Start();

        // The second system finds it taken.
        var (code, output) = await CopilotProcess.Run("simulate", "--serve", snapshot.Directory, "--port", $"{port - 1}", "--data", _folder.Combine("data"));

        Assert.Equal(2, code);
        Assert.Contains($"Port {port} is in use", output);

        static bool IsFree(int port)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData("does not exist", "--serve", "{folder}/nothing")]
    [InlineData("--port goes with --serve", "--port", "4000")]
    [InlineData("--out says nothing to --serve", "--serve", "{snapshot}", "--out", "{folder}/out")]
    [InlineData("0 for any free ones", "--serve", "{snapshot}", "--port", "65530")]
    [InlineData("0 for any free ones", "--serve", "{snapshot}", "--port", "-1")]
    [InlineData("cannot be read", "--serve", "{snapshot}", "--script", "{folder}/nothing.json")]
    [InlineData("Turn 1 answers nothing", "--serve", "{snapshot}", "--script", "{folder}/bad.json")]
    public async Task Serve_BadArguments_SayWhatToDo(string says, params string[] arguments)
    {
        _folder.Write("bad.json", """{"turns": [{}]}""");
        var (code, output) = await CopilotProcess.Run([
            "simulate", .. arguments.Select(a => a.Replace("{folder}", _folder.FullName, StringComparison.Ordinal).Replace("{snapshot}", snapshot.Directory, StringComparison.Ordinal)), "--data", _folder.Combine("data")]);

        Assert.Equal(2, code);
        Assert.Contains(says, output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", output);
    }

    private Task<CopilotProcess> Start(params string[] more) => CopilotProcess.Start(IsReady, ["simulate", "--serve", snapshot.Directory, .. more, "--data", _folder.Combine("data")]);

    private static bool IsReady(string line) => line.Contains("Interrupt to stop", StringComparison.Ordinal);

    private static Dictionary<string, Uri> Addresses(CopilotProcess process) =>
        process.Said.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 2 && w[1].StartsWith("http://127.0.0.1:", StringComparison.Ordinal)).ToDictionary(w => w[0], w => new Uri(w[1]));

    private static List<string> Kubeconfigs(CopilotProcess process) => [.. process.Said.Where(l => l.StartsWith("export KUBECONFIG=", StringComparison.Ordinal)).Select(l => l.Split('=', ' ')[2])];
}
