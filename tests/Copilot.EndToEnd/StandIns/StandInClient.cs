using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Xunit;

namespace Copilot.EndToEnd.StandIns;

/// <summary>Asks a stand-in over HTTP as any client would.</summary>
internal sealed class StandInClient(StandInServer server, params (string Name, string Value)[] headers) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    public async Task<(int Status, string Type, string Body, HttpResponseMessage Response)> Send(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Address, path));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    public Task<(int Status, string Type, string Body, HttpResponseMessage Response)> Get(string path) => Send(HttpMethod.Get, path);

    /// <summary>An answer that must be JSON with status 200.</summary>
    public async Task<JsonNode> Json(string path)
    {
        var (status, _, body, _) = await Get(path);
        Assert.True(status == (int)HttpStatusCode.OK, $"{path}: {status} {body}");
        return JsonNode.Parse(body)!;
    }

    public async Task<JsonNode> Post(string path, JsonNode request, int expected = 200)
    {
        var (status, _, body, _) = await Send(HttpMethod.Post, path, request.ToJsonString());
        Assert.True(status == expected, $"{path}: {status} {body}");
        return JsonNode.Parse(body)!;
    }

    public void Dispose() => _client.Dispose();
}
