using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary><c>copilot serve</c> in its own process, with a client that holds its token.</summary>
internal sealed partial class ServedProcess : IAsyncDisposable
{
    public static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "copilot");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private ServedProcess(Process process, Uri address, string token)
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
        var start = new ProcessStartInfo(Executable, ["serve", "--port", "0", "--data", data]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Remove("COPILOT_DATA");
        foreach (var (name, value) in settings) start.Environment[$"Copilot__{name.Replace(":", "__")}"] = value;
        var process = Process.Start(start)!;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Patience);
        while (await process.StandardOutput.ReadLineAsync(late.Token) is { } line)
        {
            if (TokenForm().Match(line) is { Success: true } made) token = made.Value;
            if (AddressForm().Match(line) is not { Success: true } served) continue;
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new(process, new Uri(served.Value), token ?? throw new InvalidOperationException("no token was shown"));
        }
        throw new InvalidOperationException($"copilot serve ended: {await process.StandardError.ReadToEndAsync(late.Token)}");
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
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience;)
        {
            if (right(last = await Get(path))) return last;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"{path} still says {last}");
    }

    /// <summary>Ends the process without a word.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Asks the process to end; its exit code.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Runs another verb beside it.</summary>
    public static async Task<(int Code, string Output)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Remove("COPILOT_DATA");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Kill();
        _process.Dispose();
        Client.Dispose();
    }

    [GeneratedRegex("copilot_[A-Za-z0-9_-]+")]
    private static partial Regex TokenForm();

    [GeneratedRegex("http://[0-9.]+:[0-9]+/")]
    private static partial Regex AddressForm();
}
