using Copilot.EndToEnd.Support;
using Copilot.Storage;
using Copilot.Tests.Receipts;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Receipts;

/// <summary>A log and its witnesses, each in processes of their own.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder.Combine("data");

    private string LogKey => SigningKey.PublicFile(Data);

    public CheckpointTests() => Append(5);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Checkpoint_TwoWitnesses_IsCosignedKeptAndVerified()
    {
        await using var first = await WitnessProcess.Start(_folder.Combine("w1"), LogKey);
        await using var second = await WitnessProcess.Start(_folder.Combine("w2"), LogKey);
        string[] both = ["--witness", first.Address, "--witness-key", first.KeyFile, "--witness", second.Address + "/", "--witness-key", second.KeyFile];
        var note = _folder.Combine("checkpoint.txt");

        var (code, output) = await Checkpoint([.. both, "--out", note]);
        Assert.True(code == 0, output);
        Assert.Matches($"^6:[0-9a-f]{{64}}\ncosigned by {first.Key.Name} at .*\ncosigned by {second.Key.Name} at ", output.ReplaceLineEndings("\n"));
        Assert.Equal(3, File.ReadAllLines(note).Count(l => l.StartsWith('\u2014')));
        // It grows past a tile.
        Append(600);
        Assert.Equal(0, (await Checkpoint(both)).Code);

        var bundle = _folder.Combine("receipts.zip");
        Assert.Equal(0, (await CopilotProcess.Run("receipts", "export", "--out", bundle, "--data", Data)).Code);
        Assert.Equal(0, (await CopilotProcess.Run("receipts", "prove", "300", "--out", _folder.Combine("p"), "--data", Data)).Code);
        string[] keys = ["--key", LogKey, "--witness-key", first.KeyFile, "--witness-key", second.KeyFile];
        foreach (var what in new[] { bundle, _folder.Combine("p") })
        {
            var verified = await CopilotProcess.Run(["receipts", "verify", what, .. keys]);
            Assert.True(verified.Code == 0, verified.Output);
            Assert.Matches("held +witnesses +2 of 2 witnesses cosigned the checkpoint of 606 receipts, (at|between) ", verified.Output);
        }
        Assert.Matches("held +witnesses +2 of 2 ", (await CopilotProcess.Run(["receipts", "verify", "--data", Data, .. keys])).Output);
        Assert.Matches("not checked +witnesses ", (await CopilotProcess.Run("receipts", "verify", bundle, "--key", LogKey)).Output);
        // Of a third that nobody asked.
        await using var third = await WitnessProcess.Start(_folder.Combine("w3"), LogKey);
        Assert.Matches("FAILED +witnesses +2 of 3 ", (await CopilotProcess.Run(["receipts", "verify", bundle, .. keys, "--witness-key", third.KeyFile])).Output);
        Assert.Equal(0, (await CopilotProcess.Run(["receipts", "verify", bundle, .. keys, "--witness-key", third.KeyFile, "--witnesses", "2"])).Code);
        Assert.Equal(1, (await CopilotProcess.Run(["receipts", "verify", bundle, .. keys, "--witness-key", third.KeyFile, "--witnesses", "3"])).Code);
    }

    /// <summary>A log that forgot what it had cosigned asks with the wrong size, is told the right one, and asks once more.</summary>
    [Fact]
    public async Task Checkpoint_LogForgotTheWitness_AsksAgainWithTheRightSize()
    {
        await using var witness = await WitnessProcess.Start(_folder.Combine("w"), LogKey);
        Assert.Equal(0, (await Checkpoint("--witness", witness.Address, "--witness-key", witness.KeyFile)).Code);
        Append(3);
        TestLog.Sql(Data, "DELETE FROM Cosignatures");

        Assert.Equal(0, (await Checkpoint("--witness", witness.Address, "--witness-key", witness.KeyFile)).Code);

        var (_, said) = await witness.Stop();
        Assert.Contains(" 409 refused ", said);
        Assert.Contains(" 200 cosigned ", said.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
    }

    /// <summary>The whole folder is put back from a copy, so that nothing in it contradicts anything: only the witness knows.</summary>
    [Fact]
    public async Task Checkpoint_LogWasRolledBackThenRewritten_IsToldLoudly()
    {
        await using var witness = await WitnessProcess.Start(_folder.Combine("w"), LogKey);
        string[] ask = ["--witness", witness.Address, "--witness-key", witness.KeyFile];
        Assert.Equal(0, (await Checkpoint(ask)).Code);
        Copy(Data, _folder.Combine("copy"));
        Append(4);
        Assert.Equal(0, (await Checkpoint(ask)).Code);
        Directory.Delete(Data, recursive: true);
        Copy(_folder.Combine("copy"), Data);

        var rolledBack = await Checkpoint(ask);
        Append(2);
        var shorter = await Checkpoint(ask);
        Append(2, from: 100);
        var same = await Checkpoint(ask);
        Append(7);
        var longer = await Checkpoint(ask);

        Assert.Equal((1, 1, 1, 1), (rolledBack.Code, shorter.Code, same.Code, longer.Code));
        Assert.Contains("ALARM: the witness", rolledBack.Output);
        Assert.Contains("has cosigned 10 receipts of this log, and here are 6: THE LOG WAS ROLLED BACK", rolledBack.Output);
        Assert.Contains("here are 8: THE LOG WAS ROLLED BACK", shorter.Output);
        Assert.Contains("another history of the first 10 receipts: THE LOG WAS REWRITTEN", same.Output);
        Assert.Contains("another history of the first 10 receipts: THE LOG WAS REWRITTEN", longer.Output);
        // The local checks see nothing.
        Assert.Equal(0, (await CopilotProcess.Run("receipts", "verify", "--data", Data)).Code);
    }

    [Fact]
    public async Task Checkpoint_WitnessRefusesOrIsAway_SaysWhyAndKeepsTheCheckpoint()
    {
        var stranger = _folder.Write("other.pub", $"{new TestTree("copilot.example/other", 4, []).Key}\n");
        await using var witness = await WitnessProcess.Start(_folder.Combine("w"), stranger);
        await using var other = await WitnessProcess.Start(_folder.Combine("w2"), LogKey);

        var unknown = await Checkpoint("--witness", witness.Address, "--witness-key", witness.KeyFile);
        Assert.Equal(1, unknown.Code);
        Assert.StartsWith("6:", unknown.Output);
        Assert.Contains("does not know this log", unknown.Output);

        var wrongKey = await Checkpoint("--witness", other.Address, "--witness-key", witness.KeyFile);
        Assert.Equal(1, wrongKey.Code);
        Assert.Contains("did not sign with the key", wrongKey.Output);

        await witness.Kill();
        var away = await Checkpoint("--witness", witness.Address, "--witness-key", witness.KeyFile);
        Assert.Equal(1, away.Code);
        Assert.Contains("cannot be reached", away.Output);
        Assert.Equal(0, (await CopilotProcess.Run("receipts", "verify", "--data", Data)).Code);
    }

    [Theory]
    [InlineData("There are 1 witnesses and 0 keys", "--witness", "http://127.0.0.1:1")]
    [InlineData("is no address of a witness", "--witness", "localhost", "--witness-key", "x")]
    [InlineData("cannot be read", "--witness", "http://127.0.0.1:1", "--witness-key", "missing")]
    [InlineData("from 1", "--timeout", "0")]
    public async Task Checkpoint_BadOptions_ExitTwoWithARemedy(string words, params string[] options)
    {
        var (code, output) = await Checkpoint(options);

        Assert.Equal(2, code);
        Assert.Contains(words, output);
    }

    private Task<(int Code, string Output)> Checkpoint(params string[] options) => CopilotProcess.Run(["receipts", "checkpoint", "--data", Data, .. options]);

    private void Append(int count, int from = 0)
    {
        using var log = new TestLog(Data);
        log.Log.Append([.. Enumerable.Range(from, count).Select(i => TestLog.Draft(i))]);
        log.Log.Checkpoint();
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Prepend(from)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
