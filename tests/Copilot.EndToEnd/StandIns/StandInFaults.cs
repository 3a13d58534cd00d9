using Copilot.Simulator.StandIns;
using Xunit;

namespace Copilot.EndToEnd.StandIns;

/// <summary>What every stand-in must do with an injected fault.</summary>
internal static class StandInFaults
{
    /// <summary>429 with Retry-After in the system's own body, a cut connection, an answer that never comes; then all is well again.</summary>
    public static async Task Verify(StandInServer server, StandInClient client, string path, string limitedBody)
    {
        server.Faults.Add(new InjectedFault.Status(429, 3));
        var limited = await client.Get(path);
        Assert.Equal((429, limitedBody, TimeSpan.FromSeconds(3)), (limited.Status, limited.Body, limited.Response.Headers.RetryAfter!.Delta));

        server.Faults.Add(new InjectedFault.CutBefore());
        await Assert.ThrowsAsync<HttpRequestException>(() => client.Get(path));

        server.Faults.Add(new InjectedFault.Hang(), matches: (_, target) => target.EndsWith("hang", StringComparison.Ordinal));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        var hanging = http.GetAsync(new Uri(server.Address, "/hang"), patience.Token);
        Assert.Equal(200, (await client.Get(path)).Status);
        Assert.False(hanging.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }
}
