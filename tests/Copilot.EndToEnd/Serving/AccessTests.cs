using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Copilot.EndToEnd.Support;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary>Who may call what, and what a stranger learns.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Call_EachEndpointWithEachScope_IsOpenedOnlyToThoseThatHoldIt()
    {
        var data = _folder.Combine("data");
        await using var served = await ServedProcess.Start(data);
        var tokens = new Dictionary<string, string?> { ["none"] = null, ["unknown"] = "copilot_unknown", ["full"] = served.Token };
        foreach (var scope in new[] { "read", "alerts" }) tokens[scope] = (await CopilotProcess.Run("serve", "token", "add", $"my-{scope}", "--scope", scope, "--data", data)).Output.Trim();
        (string Method, string Path, string Needs)[] endpoints =
        [
            ("GET", "/metrics", "read"), ("GET", "/api/v1/incidents", "read"), ("GET", "/api/v1/incidents/last", "read"), ("GET", "/api/v1/incidents/last/alerts", "read"),
            ("GET", "/api/v1/incidents/last/diagnosis", "read"), ("GET", "/api/v1/receipts", "read"), ("GET", "/api/v1/receipts/0", "read"), ("GET", "/api/v1/investigations", "read"),
            ("GET", "/api/v1/investigations/X", "read"), ("GET", "/api/v1/investigations/X/events", "read"), ("POST", "/api/v1/investigations", "full"), ("POST", "/api/v1/alerts/alertmanager", "alerts"),
            ("GET", "/api/v1/approvals", "read"), ("GET", "/api/v1/approvals/X", "read"), ("GET", "/api/v1/approvals/X/history", "read"), ("GET", "/api/v1/approvals/X/diff", "read"),
            ("GET", "/api/v1/approvals/X/ballot?person=a&deed=approve", "read"), ("POST", "/api/v1/approvals", "full"), ("POST", "/api/v1/approvals/X/approve", "full"), ("POST", "/api/v1/approvals/X/verify", "full"),
        ];
        foreach (var (method, path, needs) in endpoints)
        {
            foreach (var (scope, token) in tokens)
            {
                var status = await Call(served.Address, method, path, token);
                var expected = scope is "none" or "unknown" ? HttpStatusCode.Unauthorized : scope == "full" || scope == needs ? (HttpStatusCode?)null : HttpStatusCode.Forbidden;
                if (expected is { } refused) Assert.Equal((path, scope, refused), (path, scope, status));
                else Assert.True(status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), $"{path} {scope} {status}");
            }
        }
        Assert.Equal(HttpStatusCode.OK, await Call(served.Address, "GET", "/healthz", null));
        Assert.Equal(HttpStatusCode.OK, await Call(served.Address, "GET", "/readyz", null));

        // A token that is taken back opens nothing from the next request on.
        await CopilotProcess.Run("serve", "token", "revoke", "my-read", "--data", data);
        Assert.Equal(HttpStatusCode.Unauthorized, await Call(served.Address, "GET", "/api/v1/incidents", tokens["read"]));
        // None of them lies in a file as it is.
        Assert.All(Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)), f => Assert.All(tokens.Values.OfType<string>(), t => Assert.Equal(-1, File.ReadAllBytes(f).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(t)))));
    }

    [Fact]
    public async Task Call_ByAnotherHostName_IsRefused()
    {
        await using var served = await ServedProcess.Start(_folder.Combine("data"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(served.Address, "/healthz")) { Headers = { Host = "attacker.example" } };

        Assert.Equal(HttpStatusCode.BadRequest, (await served.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Listen_FromOutsideOfLoopback_IsNotThere()
    {
        await using var served = await ServedProcess.Start(_folder.Combine("data"));
        var others = (await Dns.GetHostAddressesAsync(Dns.GetHostName(), TestContext.Current.CancellationToken)).Where(a => !IPAddress.IsLoopback(a)).ToList();

        foreach (var address in others)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(address, served.Address.Port, TestContext.Current.CancellationToken));
        }
        Assert.Equal("127.0.0.1", served.Address.Host);
    }

    [Fact]
    public async Task Send_MoreThanTheLimits_IsRefusedInWords()
    {
        await using var served = await ServedProcess.Start(_folder.Combine("data"), null, ("Serve:MaxBodyBytes", "2000"), ("Serve:RequestsPerSecond", "5"));

        var large = await served.Post("alerts/alertmanager", new string(' ', 3000));
        var many = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => served.Client.GetAsync("incidents", TestContext.Current.CancellationToken)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        var refused = many.First(m => m.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains(many, m => m.StatusCode == HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> Call(Uri address, string method, string path, string? token)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (method == "POST") request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
