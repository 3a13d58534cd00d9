using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.EndToEnd.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary><c>copilot serve</c> in its own process, with a client that holds its token.</summary>
internal sealed partial class ServedProcess : IAsyncDisposable
{
    private readonly CopilotProcess _process;

    private ServedProcess(CopilotProcess process, Uri address, string token)
    {
        (_process, Address, Token) = (process, address, token);
        Client = new() { BaseAddress = new Uri(address, "/api/v1/") };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Address { get; }

    public string Token { get; }

    public HttpClient Client { get; }

    public int Id => _process.Id;

    /// <param name="token">Of an earlier start; null at the first.</param>
    public static async Task<ServedProcess> Start(string data, string? token = null, params (string Name, string Value)[] settings)
    {
        var process = await CopilotProcess.Start(line => line.StartsWith("Serving at ", StringComparison.Ordinal), ["serve", "--port", "0", "--data", data], settings);
        var shown = process.Said.Select(line => TokenForm().Match(line)).FirstOrDefault(m => m.Success)?.Value;
        return new(process, new Uri(process.Said[^1]["Serving at ".Length..]), shown ?? token ?? throw new InvalidOperationException("no token was shown"));
    }

    public async Task<JsonNode> Get(string path) => (await Client.GetFromJsonAsync<JsonNode>(path, TestContext.Current.CancellationToken))!;

    public Task<HttpResponseMessage> Post(string path, JsonNode body, string? key = null) => Post(path, body.ToJsonString(), key);

    public async Task<HttpResponseMessage> Post(string path, string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks until the answer is right; fails loudly when it never is.</summary>
    public async Task<JsonNode> Until(string path, Func<JsonNode, bool> right)
    {
        JsonNode? last = null;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < CopilotProcess.Patience;)
        {
            if (right(last = await Get(path))) return last;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"{path} still says {last}");
    }

    /// <summary>Ends the process without a word.</summary>
    public Task Kill() => _process.Kill();

    /// <summary>Asks the process to end; its exit code.</summary>
    public async Task<int> Stop() => (await _process.Stop()).Code;

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Client.Dispose();
    }

    [GeneratedRegex("copilot_[A-Za-z0-9_-]+")]
    private static partial Regex TokenForm();
}
