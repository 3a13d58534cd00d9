using System.Net;
using Copilot.Simulator.StandIns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Copilot.EndToEnd.StandIns;

public sealed class InjectedFaultsTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private StandInServer _server = null!;
    private int _done;

    public async ValueTask InitializeAsync() => _server = await StandInServer.Start(
        "counter", routes => routes.MapPost("/count", () => Results.Text($"{Interlocked.Increment(ref _done)}")), status => new("text/plain", $"no: {status}"), cancellation: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Status_Once_AnswersInTheSystemsWordsAndDoesNothing()
    {
        _server.Faults.Add(new InjectedFault.Status(429, RetryAfterSeconds: 7));

        var refused = await Count();
        var counted = await Count();

        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Equal("no: 429", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("1", await counted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal([429, 200], _server.Wire.Entries.Select(e => e.Status));
    }

    [Fact]
    public async Task CutBefore_NothingIsDone_CutAfter_ItIsDoneAndNobodyKnows()
    {
        _server.Faults.Add(new InjectedFault.CutBefore());
        await Assert.ThrowsAsync<HttpRequestException>(Count);
        Assert.Equal(0, _done);

        _server.Faults.Add(new InjectedFault.CutAfter());
        await Assert.ThrowsAsync<HttpRequestException>(Count);
        Assert.Equal(1, _done);
        // The caller sees the cut before the server has written it down: the log is whole once the server has stopped.
        await _server.DisposeAsync();
        Assert.Equal([0, 0], _server.Wire.Entries.Select(e => e.Status));
    }

    [Fact]
    public async Task Add_OnlyForAnotherPath_LeavesThisOneAlone()
    {
        _server.Faults.Add(new InjectedFault.Status(500), matches: (method, target) => method == "GET" && target.StartsWith("/other", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, (await Count()).StatusCode);
    }

    private Task<HttpResponseMessage> Count() => _client.PostAsync(new Uri(_server.Address, "/count"), null, TestContext.Current.CancellationToken);
}
