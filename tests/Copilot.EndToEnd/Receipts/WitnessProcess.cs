using System.Net;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.EndToEnd.Support;
using Copilot.Storage;
using Xunit;

namespace Copilot.EndToEnd.Receipts;

/// <summary><c>copilot receipts witness</c> in its own process.</summary>
internal sealed class WitnessProcess : IAsyncDisposable
{
    private const string Ready = "Witnessing at ";

    private readonly CopilotProcess _process;
    private readonly HttpClient _client = new() { Timeout = CopilotProcess.Patience };

    private WitnessProcess(CopilotProcess process, string state)
    {
        (_process, Address) = (process, process.Said[^1][Ready.Length..]);
        KeyFile = WitnessState.PublicFile(state);
        Assert.True(WitnessKey.TryParse(File.ReadAllText(KeyFile).TrimEnd('\n'), out var key, out var fault), fault);
        Key = key!;
    }

    public string Address { get; }

    public WitnessKey Key { get; }

    public string KeyFile { get; }

    public IReadOnlyList<string> Said => _process.Said;

    public static async Task<WitnessProcess> Start(string state, params string[] logs) =>
        new(await CopilotProcess.Start(line => line.StartsWith(Ready, StringComparison.Ordinal), ["receipts", "witness", "--state", state, "--listen", "127.0.0.1:0", .. logs.SelectMany(l => new[] { "--log", l })]), state);

    public Task<(HttpStatusCode Status, string? Type, string Body)> Submit(AddCheckpoint request) => Post(Encoding.UTF8.GetBytes(request.Format()));

    public async Task<(HttpStatusCode Status, string? Type, string Body)> Post(byte[] body)
    {
        using var response = await _client.PostAsync($"{Address}/add-checkpoint", new ByteArrayContent(body), TestContext.Current.CancellationToken);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>When the witness cosigned the request's checkpoint by that line; null when it is none.</summary>
    public DateTimeOffset? CosignedAt(AddCheckpoint request, string line) =>
        SignedNote.TryParse(request.Note.Format() + line, out var note, out _) ? Key.CosignedAt(note!, SigningKey.Verify) : null;

    public Task Kill() => _process.Kill();

    public Task<(int Code, string Output)> Stop() => _process.Stop();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
    }
}
