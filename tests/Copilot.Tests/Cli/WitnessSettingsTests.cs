using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>Witnesses that the settings name need not be named again; those of the command win.</summary>
public sealed class WitnessSettingsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<string> _address = new();
    private Task _witness = Task.CompletedTask;

    private string Data => _folder.Combine("data");

    private string LogKey => SigningKey.PublicFile(Data);

    public async ValueTask InitializeAsync()
    {
        using (var log = new TestLog(Data)) log.Append(5);
        const string ready = "Witnessing at ";
        _witness = Witnessing.Run(new(_folder.Combine("witness"), [LogKey], "witness.example/w1", "127.0.0.1:0"), TimeProvider.System, line =>
        {
            if (line.StartsWith(ready, StringComparison.Ordinal)) _address.TrySetResult(line[ready.Length..]);
        }, _stop.Token);
        await await Task.WhenAny(_address.Task, _witness);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _witness;
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task<Dictionary<string, string?>> Settings(bool withAnother = false)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Copilot:Receipts:Witnesses:0:Url"] = await _address.Task,
            ["Copilot:Receipts:Witnesses:0:Key"] = (await File.ReadAllTextAsync(WitnessState.PublicFile(_folder.Combine("witness")))).TrimEnd(),
        };
        // Nobody listens there.
        if (withAnother) (settings["Copilot:Receipts:Witnesses:1:Url"], settings["Copilot:Receipts:Witnesses:1:Key"]) = ("http://127.0.0.1:1", $"{new WitnessKey("witness.example/w2", new byte[32])}");
        return settings;
    }

    [Fact]
    public async Task CheckpointAndVerify_WitnessOfTheSettings_CosignsAndIsChecked()
    {
        var settings = await Settings();

        var (code, output, _) = await CliRun.With(Data, settings, "receipts", "checkpoint");
        Assert.Equal(0, code);
        Assert.Contains("cosigned by witness.example/w1 at ", output);

        (code, output, _) = await CliRun.With(Data, settings, "receipts", "verify");
        Assert.Equal(0, code);
        Assert.Matches("held +witnesses +1 of 1 witnesses cosigned the checkpoint of 6 receipts", output);
        Assert.Matches("held +cosignatures +Each of the 1", output);

        var bundle = _folder.Combine("own.zip");
        Assert.Equal(0, (await CliRun.With(Data, settings, "receipts", "export", "--out", bundle)).Code);
        Assert.Matches("held +witnesses +1 of 1", (await CliRun.With(Data, settings, "receipts", "verify", bundle)).Output);
        // Whoever has another log knows nothing of its witnesses by these settings.
        Assert.Matches("not checked +witnesses", (await CliRun.With(_folder.Combine("elsewhere"), settings, "receipts", "verify", bundle)).Output);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task CheckpointAndVerify_OneOfTwoIsAway_IsEnoughWhereTheSettingsSaySo(int needed, int code)
    {
        var settings = await Settings(withAnother: true);
        settings["Copilot:Receipts:NeededWitnesses"] = $"{needed}";

        var (signed, output, _) = await CliRun.With(Data, settings, "receipts", "checkpoint", "--timeout", "2");
        Assert.Equal(code, signed);
        Assert.Contains("http://127.0.0.1:1/", output);
        Assert.Equal(code, (await CliRun.With(Data, settings, "receipts", "verify")).Code);
        Assert.Equal(1 - code, (await CliRun.With(Data, settings, "receipts", "verify", "--witnesses", code == 0 ? "2" : "1")).Code);
        // Those of the command win.
        Assert.Equal(0, (await CliRun.With(Data, settings, "receipts", "verify", "--witness-key", WitnessState.PublicFile(_folder.Combine("witness")))).Code);
    }
}
