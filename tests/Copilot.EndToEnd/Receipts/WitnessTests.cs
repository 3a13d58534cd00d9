using System.Diagnostics;
using System.Net;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.EndToEnd.Serving;
using Copilot.EndToEnd.Support;
using Copilot.Storage;
using Copilot.Tests.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Receipts;

/// <summary>A witness as a log meets it: a process behind HTTP.</summary>
public sealed class WitnessTests : IDisposable
{
    private const int Most = 400;

    private static readonly TestTree Log = new("copilot.example/log", 3, Enumerable.Range(0, Most).Select(TestTree.Leaf));
    private static readonly TestTree Fork = new("copilot.example/log", 3, Log.Leaves.Take(6).Concat(Enumerable.Range(1000, Most - 6).Select(TestTree.Leaf)));
    private static readonly TestTree Other = new("copilot.example/other", 4, Log.Leaves);
    private static readonly TestTree Forger = new("copilot.example/log", 5, Log.Leaves);

    private readonly TempFolder _folder = new();

    private string State => _folder.Combine("witness");

    private string LogKey => _folder.Write("log.pub", $"{Log.Key}\n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serve_WitnessOfTheSettings_IsAskedWithoutAWord()
    {
        var data = _folder.Combine("data");
        var store = new CopilotStore(data);
        using (var log = new ReceiptLog(store, TimeProvider.System, Serilog.Core.Logger.None)) log.Append([new(ReceiptType.HoldPlaced, "reads", "a hold", new() { ["reason"] = "so that there is something to sign" })]);
        await using var witness = await WitnessProcess.Start(State, SigningKey.PublicFile(data));
        await using var served = await ServedProcess.Start(data, null, ("Receipts__Witnesses__0__Url", witness.Address), ("Receipts__Witnesses__0__Key", $"{witness.Key}"), ("Receipts__WitnessSeconds", "1"));

        for (var clock = Stopwatch.StartNew(); store.Read(db => db.Cosignatures.Count()) == 0; await Task.Delay(50, TestContext.Current.CancellationToken)) Assert.True(clock.Elapsed < CopilotProcess.Patience, "nobody cosigned");

        await served.Stop();
        var verified = await CopilotProcess.Run("receipts", "verify", "--witness-key", witness.KeyFile, "--data", data);
        Assert.True(verified.Code == 0, verified.Output);
    }

    /// <summary>Each status code of C2SP tlog-witness.</summary>
    [Fact]
    public async Task AddCheckpoint_EachCase_IsAnsweredAsSpecified()
    {
        await using var witness = await WitnessProcess.Start(State, LogKey);

        async Task Cosigns(AddCheckpoint request)
        {
            var before = DateTimeOffset.UtcNow.AddSeconds(-1);
            var (status, _, body) = await witness.Submit(request);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.StartsWith($"\u2014 {witness.Key.Name} ", body);
            Assert.EndsWith("\n", body);
            Assert.Single(body.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.InRange(witness.CosignedAt(request, body)!.Value, before, DateTimeOffset.UtcNow);
        }

        async Task Refuses(AddCheckpoint request, int code, string? size = null)
        {
            var (status, type, body) = await witness.Submit(request);
            Assert.Equal(code, (int)status);
            Assert.Equal(size is null ? "text/plain" : "text/x.tlog.size", type);
            if (size is null) Assert.EndsWith(".\n", body);
            else Assert.Equal(size, body);
        }

        await Refuses(Log.Request(10, 20), 409, "0\n");
        await Cosigns(Log.Request(0, 10));
        await Cosigns(Log.Request(10, 10));
        await Cosigns(Log.Request(10, 20));
        await Refuses(Log.Request(0, 10), 409, "20\n");
        await Refuses(Log.Request(10, 20), 409, "20\n");
        await Refuses(Log.Request(0, 0), 409, "20\n");
        await Refuses(Log.Request(20, 19), 400);
        await Refuses(Fork.Request(20, 30), 422);
        await Refuses(Fork.Request(20, 20), 409, "20\n");
        await Refuses(Log.Request(20, 30) with { Proof = [] }, 422);
        await Refuses(Forger.Request(20, 30), 403);
        await Refuses(Other.Request(0, 10), 404);
        await Cosigns(Log.Request(20, 30));

        var (code, output) = await witness.Stop();
        Assert.Equal(0, code);
        // A log that contradicts itself is shown with what it signed.
        var alarm = Assert.Single(output.Split('\n'), l => l.Contains(" 422 refused ", StringComparison.Ordinal) && l.Contains(Fork.Root(30), StringComparison.Ordinal));
        var signed = Encoding.UTF8.GetString(Convert.FromBase64String(alarm.Split(' ')[^1]));
        Assert.Equal(Fork.Checkpoint(30).Format(), signed);
        Assert.Contains($" 200 cosigned {Log.Key.Name} 30:{Log.Root(30)}", output);
        Assert.Contains(" 403 refused ", output);
    }

    [Fact]
    public async Task AddCheckpoint_WhatIsNoRequest_IsRefusedInWords()
    {
        await using var witness = await WitnessProcess.Start(State, LogKey);
        var good = Log.Request(0, 10).Format();

        foreach (var bad in new[] { "", "old 0\n", good["old 0\n".Length..], good.Replace("old 0", "old x"), good.Replace("\n10\n", "\n010\n"), good + "\n", good[..^1], "\0" + good })
        {
            var (status, type, body) = await witness.Post(Encoding.UTF8.GetBytes(bad));
            Assert.Equal((HttpStatusCode.BadRequest, "text/plain"), (status, type));
            Assert.StartsWith("The body is no add-checkpoint: ", body);
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await witness.Post([.. Encoding.UTF8.GetBytes(good), 0xff])).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await witness.Post(new byte[AddCheckpoint.MostBytes + 1])).Status);
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.GetAsync($"{witness.Address}/add-checkpoint", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(witness.Address, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await witness.Post(Encoding.UTF8.GetBytes(good))).Status);
    }

    [Fact]
    public async Task Start_SecondProcessOfOneState_IsRefused()
    {
        await using var witness = await WitnessProcess.Start(State, LogKey);

        var (code, output) = await CopilotProcess.Run("receipts", "witness", "--state", State, "--log", LogKey, "--listen", "127.0.0.1:0");

        Assert.Equal(2, code);
        Assert.Contains("Another process is the witness of", output);
    }

    [Theory]
    [InlineData("--listen", "localhost", "is no address and port")]
    [InlineData("--listen", "192.0.2.1:7434", "cannot be listened on")]
    [InlineData("--name", "a b", "--name takes no spaces")]
    [InlineData("--log", "missing.pub", "cannot be read")]
    public async Task Start_BadOption_ExitsTwoWithARemedy(string option, string value, string words)
    {
        var (code, output) = await CopilotProcess.Run("receipts", "witness", "--state", State, "--log", LogKey, option, value);

        Assert.Equal(2, code);
        Assert.Contains(words, output);
    }

    /// <summary>
    /// Killed without a word while several submit, again and again: what was cosigned is remembered, and never is a checkpoint cosigned that contradicts another.
    /// </summary>
    [Fact]
    public async Task AddCheckpoint_KilledInTheMiddle_RemembersWhatItCosigned()
    {
        var kills = TestCounts.Pick(reduced: 4, full: 40);
        var cosigned = new List<(TestTree Tree, int Size)>();
        var random = new Random(11);
        for (var i = 0; i < kills; i++)
        {
            await using var witness = await WitnessProcess.Start(State, LogKey);
            // The state speaks for itself: the size that it names covers all that was acknowledged.
            var (_, _, size) = await witness.Submit(Log.Request(Most, Most));
            var known = int.Parse(size, System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(known >= cosigned.Select(c => c.Size).DefaultIfEmpty(0).Max(), $"{known} receipts are known after {cosigned.Count} cosignatures");
            var pushed = Task.WhenAll(new[] { Log, Log, Fork }.Select(tree => Push(witness, tree, known, cosigned)));
            await Task.Delay(random.Next(5, 120), TestContext.Current.CancellationToken);
            await witness.Kill();
            await pushed;
        }
        foreach (var (tree, size) in cosigned)
        {
            var largest = cosigned.MaxBy(c => c.Size);
            Assert.Equal(largest.Tree.Leaves.Take(size), tree.Leaves.Take(size));
        }
        TestReport.Line($"Witness killed {kills} times while three submitted: {cosigned.Count} cosigned, 0 forgotten, 0 contradictions");
        Assert.NotEmpty(cosigned);
    }

    private static async Task Push(WitnessProcess witness, TestTree tree, int known, List<(TestTree Tree, int Size)> cosigned)
    {
        try
        {
            for (var (old, next) = (known, known + 1); next < Most; next = old + 1)
            {
                var request = tree.Request(old, next);
                var (status, _, body) = await witness.Submit(request);
                if (status == HttpStatusCode.OK)
                {
                    Assert.NotNull(witness.CosignedAt(request, body));
                    lock (cosigned) cosigned.Add((tree, next));
                    old = next;
                }
                else if (status == HttpStatusCode.Conflict) old = int.Parse(body, System.Globalization.CultureInfo.InvariantCulture);
                else return;
            }
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
    }
}
