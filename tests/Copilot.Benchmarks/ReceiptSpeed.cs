using System.Diagnostics;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Storage;
using NSec.Cryptography;
using Serilog.Core;

namespace Copilot.Benchmarks;

/// <summary>
/// How fast receipts become durable, alone and together; what a recorded call costs beside the same one unrecorded; how long a log takes to verify; how much room receipts and values need.
/// </summary>
internal static class ReceiptSpeed
{
    private const int Verified = 1_000_000;

    public static int Run(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("copilot-receipts-");
        try
        {
            if (arguments is not ["verify"]) Recording(folder.FullName);
            Verification(Path.Combine(folder.FullName, "receipts.jsonl"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return 0;
    }

    private static void Recording(string folder)
    {
        Console.WriteLine($"one write of 4 KiB and its sync: p50 {Sync(Path.Combine(folder, "sync")):0.00} ms\n");
        Console.WriteLine("| callers | receipts/s | beside one caller | p50 ms | p99 ms |\n|---|---|---|---|---|");
        var alone = 0.0;
        foreach (var callers in new[] { 1, 4, 16, 32, 64 })
        {
            var data = Directory.CreateDirectory(Path.Combine(folder, $"callers-{callers}"));
            using var log = new ReceiptLog(new(data.FullName), TimeProvider.System, Logger.None);
            Append(log, callers, 20);
            var clock = Stopwatch.StartNew();
            var each = callers == 1 ? 1000 : Math.Max(200, 16_000 / callers);
            var times = Append(log, callers, each);
            var rate = callers * each / clock.Elapsed.TotalSeconds;
            if (callers == 1) alone = rate;
            Console.WriteLine($"| {callers} | {rate:0} | {rate / alone:0.0} x | {times[times.Count / 2]:0.00} | {times[times.Count * 99 / 100]:0.00} |");
            if (callers == 1) log.Checkpoint();
            if (callers == 64) Console.WriteLine($"\n{new FileInfo(Path.Combine(data.FullName, CopilotStore.FileName)).Length / (double)((callers * (each + 20)) + 1):0} bytes of database a receipt, indexes and all; the receipt itself {Draft(1).Length} bytes\n");
        }
        Calls(Directory.CreateDirectory(Path.Combine(folder, "calls")).FullName);
    }

    private static List<double> Append(ReceiptLog log, int callers, int each)
    {
        var times = new double[callers * each];
        var threads = Enumerable.Range(0, callers).Select(c => new Thread(() =>
        {
            for (var i = 0; i < each; i++)
            {
                var clock = Stopwatch.GetTimestamp();
                log.Append([Report(i, $"stream-{c}")]);
                times[(c * each) + i] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return [.. times.Order()];
    }

    /// <summary>A call that reads 256 KiB, with and without receipts of its intent and result, in turn.</summary>
    private static void Calls(string folder)
    {
        var file = Path.Combine(folder, "source");
        File.WriteAllBytes(file, new byte[256 << 10]);
        using var log = new ReceiptLog(new(folder), TimeProvider.System, Logger.None);
        var (bare, recorded) = (new List<double>(), new List<double>());
        for (var i = 0; i < 600; i++)
        {
            var clock = Stopwatch.GetTimestamp();
            File.ReadAllBytes(file);
            bare.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            clock = Stopwatch.GetTimestamp();
            var intent = log.Append([Call(ReceiptType.ToolIntent, i)])[0];
            File.ReadAllBytes(file);
            log.Append([Call(ReceiptType.ToolResult, i) with { Refs = [new("intent", intent.Id, intent.Leaf)] }]);
            recorded.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }
        bare.Sort();
        recorded.Sort();
        Console.WriteLine($"a call that reads 256 KiB: p50 {bare[300]:0.000} ms; recorded {recorded[300]:0.00} ms: {recorded[300] - bare[300]:0.00} ms more, two syncs of the disk among them\n");
    }

    private static double Sync(string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var times = Enumerable.Range(0, 300).Select(_ =>
        {
            var clock = Stopwatch.GetTimestamp();
            stream.Write(new byte[4096]);
            stream.Flush(flushToDisk: true);
            return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        }).Order().ToList();
        return times[150];
    }

    private static void Verification(string file)
    {
        using var secret = Key.Create(SignatureAlgorithm.Ed25519);
        var key = new NoteKey("copilot.local/benchmark", secret.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        var clock = Stopwatch.StartNew();
        var checkpoint = Write(file, key, secret);
        Console.WriteLine($"{Verified} receipts written for the verifier in {clock.Elapsed.TotalSeconds:0.0} s, {new FileInfo(file).Length / 1e6:0} MB");
        clock.Restart();
        var report = ReceiptVerifier.Verify(new(Lines(file)) { Checkpoint = checkpoint, Key = key, Verify = SigningKey.Verify });
        Console.WriteLine($"{report.Receipts} receipts verified in {clock.Elapsed.TotalSeconds:0.0} s ({report.Receipts / clock.Elapsed.TotalSeconds:0} a second), {(report.Held ? "all held" : "FAILED")}; peak {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
    }

    private static byte[] Write(string file, NoteKey key, Key secret)
    {
        var (streams, range) = (new Dictionary<string, (long Seq, string Leaf)>(), new CompactRange());
        using var output = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        ReceiptRef? intent = null;
        for (var seq = 0L; seq < Verified; seq++)
        {
            var stream = seq == 0 ? "log" : $"incident-{seq / 40}";
            var draft = seq == 0 ? new(ReceiptType.LogOpened, stream, key.Name, new JsonObject { ["format"] = ReceiptForm.Format, ["key"] = key.ToString() })
                : seq % 2 == 1 ? Call(ReceiptType.ToolIntent, seq) with { Stream = stream }
                : Call(ReceiptType.ToolResult, seq - 1) with { Stream = $"incident-{(seq - 1) / 40}", Refs = [new("intent", intent!.Id, intent.Leaf)] };
            var known = streams.TryGetValue(draft.Stream, out var last);
            var at = DateTimeOffset.UnixEpoch.AddYears(50).AddMilliseconds(seq);
            var receipt = ReceiptSeal.Seal(draft, new(key.Name, seq, known ? last.Seq + 1 : 0, known ? last.Leaf : null, Ulid.Create(at, new byte[10]), at, seq, "0.1.0", null));
            streams[draft.Stream] = (receipt.StreamSeq, receipt.Leaf);
            range.Append(receipt.Leaf);
            output.Write(receipt.Bytes);
            output.WriteByte((byte)'\n');
            if (seq % 2 == 1) intent = receipt.Ref;
        }
        return System.Text.Encoding.UTF8.GetBytes(SignedNote.Sign(new Checkpoint(key.Name, range.Size, range.RootHex()).Text, key, m => SignatureAlgorithm.Ed25519.Sign(secret, m)).Format());
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(string file)
    {
        using var input = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        var (buffer, kept) = (new byte[1 << 20], 0);
        while (input.Read(buffer, kept, buffer.Length - kept) is var read and > 0)
        {
            var (at, end) = (0, kept + read);
            while (Array.IndexOf(buffer, (byte)'\n', at, end - at) is var newline and >= 0)
            {
                yield return buffer.AsMemory(at, newline - at);
                at = newline + 1;
            }
            buffer.AsSpan(at, end - at).CopyTo(buffer);
            kept = end - at;
        }
    }

    private static ReceiptDraft Report(int number, string stream) => new(ReceiptType.ReportIssued, stream, $"report-{number}", new JsonObject { ["schema"] = "copilot-diagnosis/1", ["digest"] = $"sha256:{number:x64}", ["bytes"] = number });

    private static ReceiptDraft Call(ReceiptType type, long number)
    {
        var body = new JsonObject { ["tool"] = "snapshot.read", ["source"] = "logs", ["files"] = 1, ["bytes"] = 262144 };
        if (type == ReceiptType.ToolResult) (body["outcome"], body["records"], body["gaps"]) = ("ok", 3000, 0);
        return new(type, "reads", "checkout-1", body) { ToolCallId = $"{number}", Run = "01K0SAMP1E0000000000000000", OnBehalfOf = new(ActorKind.Human, "os:alice", "os-user") };
    }

    private static byte[] Draft(int number) => ReceiptSeal.Seal(Report(number, "stream-1"), new("copilot.local/01k0samp1e0000000000000000", number, 1, new('a', 64), "01K0SAMP1E0000000000000000", DateTimeOffset.UtcNow, number, "0.1.0", new('a', 40))).Bytes;
}
