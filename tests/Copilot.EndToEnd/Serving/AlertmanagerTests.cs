using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Copilot.EndToEnd.Support;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary>The real Alertmanager sends to the real process. ./test.sh installs it.</summary>
public sealed class AlertmanagerTests : IDisposable
{
    private const string Alertmanager = "prometheus-alertmanager";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Webhook_OfTheRealAlertmanager_IsTakenInWithItsFingerprintsAndItsToken()
    {
        var data = _folder.Combine("data");
        await using var served = await ServedProcess.Start(data, null, ("Alerts:WaitSeconds", "0"));
        var token = (await CopilotProcess.Run("serve", "token", "add", "alertmanager", "--scope", "alerts", "--data", data)).Output.Trim();
        var port = FreePort();
        using var alertmanager = Start(port, _folder.Write("alertmanager.yml", $"""
            route:
              receiver: copilot
              group_wait: 0s
              group_interval: 1s
            receivers:
              - name: copilot
                webhook_configs:
                  - url: {served.Address}api/v1/alerts/alertmanager
                    http_config:
                      authorization:
                        credentials: {token}
            """));
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v2/") };
            await Ready(client);
            var labels = new[] { Labels("Slow", ("namespace", "shop"), ("service", "cart")), Labels("Größe", ("pod", "web-7d9f8c6b5d-x2k4z"), ("empty", "")), Labels("Node down", ("node", "n1"), ("quote", "a\"b\\c\n")) };
            using var sent = await client.PostAsJsonAsync("alerts", labels.Select(l => new { labels = l, annotations = new { summary = "s" }, generatorURL = "http://prometheus" }), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, sent.StatusCode);

            await served.Until("incidents", i => i.AsArray().Count == 3);
            var ours = new List<string?>();
            foreach (var incident in (await served.Get("incidents")).AsArray()) ours.AddRange((await served.Get($"incidents/{incident!["id"]}/alerts")).AsArray().Select(a => (string?)a!["fingerprint"]));
            var theirs = (await client.GetFromJsonAsync<JsonArray>("alerts", TestContext.Current.CancellationToken))!.Select(a => (string?)a!["fingerprint"]);

            Assert.Equal(theirs.Order(), ours.Order());
            await served.Until("investigations", r => r.AsArray().Count == 3 && r.AsArray().All(q => (string?)q!["state"] == "done"));
        }
        finally
        {
            alertmanager.Kill();
            await alertmanager.WaitForExitAsync(CancellationToken.None);
        }
    }

    private Process Start(int port, string configuration)
    {
        var arguments = new[] { $"--config.file={configuration}", $"--storage.path={_folder.Combine("alertmanager")}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=" };
        var process = Process.Start(new ProcessStartInfo(Alertmanager, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return process;
    }

    private static async Task Ready(HttpClient client)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                if ((await client.GetAsync("status", TestContext.Current.CancellationToken)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (clock.Elapsed < TimeSpan.FromSeconds(30))
            {
                // It is on its way.
            }
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Dictionary<string, string> Labels(string name, params (string Name, string Value)[] labels)
    {
        var all = labels.ToDictionary(l => l.Name, l => l.Value);
        all["alertname"] = name;
        return all;
    }
}
