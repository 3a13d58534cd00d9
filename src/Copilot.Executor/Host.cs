using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Actions.Api;
using Copilot.Core.Approvals;

namespace Copilot.Executor;

/// <summary>The copilot, which this executor asks for work. Nothing comes in from it.</summary>
internal sealed class Host : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly HttpClient _client;

    public Host(Registered registration)
    {
        _client = Client(registration.Host);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", registration.Token);
    }

    /// <returns>The token, and the key that signs grants.</returns>
    public static async Task<(string Token, string LogKey)> Register(Uri address, string name, string code, string key, CancellationToken cancellation)
    {
        using var client = Client(address);
        var answer = await Send(client, HttpMethod.Post, "executor/register", new JsonObject { ["name"] = name, ["code"] = code, ["key"] = key }, cancellation);
        return answer.Status == HttpStatusCode.OK && ApiAnswer.Text(answer.Body, "token") is { } token && ApiAnswer.Text(answer.Body, "log_key") is { } logKey ? (token, logKey) : throw new ExecutorException($"The copilot at {address} did not take it: {Why(answer)}");
    }

    /// <summary>What is to be done; null for nothing.</summary>
    public async Task<JsonObject?> Work(string attempt, CancellationToken cancellation)
    {
        var answer = await Send(_client, HttpMethod.Post, "executor/work", new JsonObject { ["attempt"] = attempt }, cancellation);
        if (answer.Status == HttpStatusCode.NoContent) return null;
        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) throw new ExecutorException($"The copilot does not take this executor's token: {Why(answer)} If it was dismissed, register anew under another name.");
        return answer.Status == HttpStatusCode.OK && answer.Body is { } body ? body : throw new HttpRequestException(Why(answer));
    }

    /// <summary>Whether the next step may begin. Anything but a clear yes is a no.</summary>
    public async Task<bool> MayGoOn(string request, int fence, CancellationToken cancellation)
    {
        try
        {
            var answer = await Send(_client, HttpMethod.Get, $"executor/requests/{request}/go-on?fence={fence}", null, cancellation);
            return answer.Status == HttpStatusCode.OK && answer.Body?["go_on"]?.GetValueKind() == JsonValueKind.True;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public Task Tried(string id, JsonArray steps, CancellationToken cancellation) => Send(_client, HttpMethod.Post, $"executor/dry-runs/{id}", new JsonObject { ["steps"] = steps }, cancellation);

    /// <returns>Null when it was taken; else why not.</returns>
    public async Task<string?> Report(string request, int fence, bool found, IReadOnlyList<StepReport> reports, IReadOnlyList<string> says, CancellationToken cancellation)
    {
        var body = new JsonObject
        {
            ["fence"] = fence,
            ["found"] = found,
            ["reports"] = new JsonArray([.. reports.Select(r => (JsonNode)new JsonObject
            {
                ["step"] = r.Step, ["outcome"] = r.Outcome, ["at"] = ApprovalJson.Time(r.At), ["prev"] = r.Prev, ["uid"] = r.Uid, ["resource_version"] = r.ResourceVersion, ["signature"] = r.Signature,
            })]),
            ["says"] = new JsonArray([.. says.Select(s => (JsonNode)s)]),
        };
        var answer = await Send(_client, HttpMethod.Post, $"executor/requests/{request}/steps", body, cancellation);
        return answer.Status == HttpStatusCode.OK ? null : (int)answer.Status >= 500 && answer.Status != HttpStatusCode.ServiceUnavailable ? throw new HttpRequestException(Why(answer)) : Why(answer);
    }

    public void Dispose() => _client.Dispose();

    private static HttpClient Client(Uri address) => new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { BaseAddress = new Uri(address, "/api/v1/"), Timeout = Longest, MaxResponseContentBufferSize = 16 << 20 };

    private static async Task<(HttpStatusCode Status, JsonObject? Body)> Send(HttpClient client, HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        try
        {
            using var response = await client.SendAsync(request, cancellation);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
            return (response.StatusCode, bytes.Length == 0 ? null : JsonNode.Parse(bytes) as JsonObject);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new HttpRequestException($"the copilot at {client.BaseAddress} answered with something else ({e.Message.TrimEnd('.')})", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"the copilot at {client.BaseAddress} does not answer", e);
        }
    }

    private static string Why((HttpStatusCode Status, JsonObject? Body) answer) => $"{answer.Body?["title"]} {answer.Body?["detail"]} ({(int)answer.Status})".Trim();
}
