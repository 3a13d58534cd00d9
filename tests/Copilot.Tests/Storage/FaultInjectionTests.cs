using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Copilot.Core.Receipts;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>
/// A process that appends runs under strace, which makes one of its calls on files fail, or kills it there; then the next call, and so on. Whatever happens, each
/// receipt that was said to be durable is there, no checkpoint contradicts another, and the log goes on. (The method is that of the tests of Tessera, a log in Go.)
/// </summary>
public sealed partial class FaultInjectionTests : IDisposable
{
    private const int Receipts = 4;

    /// <summary>Calls that change files. Of these the runtime itself makes none on the thread that appends.</summary>
    private const string Changes = "?pwrite64,?fsync,?fdatasync,?ftruncate,?fallocate,?rename,?renameat,?renameat2,?unlink,?unlinkat,?mkdir,?mkdirat,?chmod,?fchmod,?fchown,?flock";

    /// <summary>Calls that the runtime makes as well, so that they count on the files of the log alone.</summary>
    private const string OnFiles = "?open,?openat,?pread64";

    private static readonly string[] LogFiles = ["copilot.db", "copilot.db-wal", "copilot.db-shm", "copilot.db-journal", "copilot.db.lock", "receipts.head", "receipts.head.lock", "keys/receipts.key", "keys/receipts.pub"];

    private readonly TempFolder _folder = new();
    private readonly ConcurrentBag<string> _wrong = [];
    private int _runs;
    private int _injected;
    private int _acknowledged;
    private int _faults;

    public void Dispose() => _folder.Dispose();

    private sealed record Fault(string Call, int Number, string Kind)
    {
        public override string ToString() => $"{Kind} at {Call} {Number}";
    }

    [Fact]
    public async Task Append_AnyCallOnAFileFails_LosesNoReceipt() => await InjectEach("goes on", Before(), reduced: 5);

    [Fact]
    public async Task Append_AnyCallOnAFileFailsInANewLog_LosesNoReceipt() => await InjectEach("is new", null, reduced: 3);

    /// <summary>One process meets many faults one after the other, a different number of calls apart in each run.</summary>
    [Fact]
    public async Task Append_CallsFailAgainAndAgain_LosesNoReceipt()
    {
        var before = Before();
        var faults = from step in (int[])[31, 37, 41, 43, 47, 53, 59, 61]
                     from kind in (string[])["EIO", "ENOSPC"]
                     select (Step: step, Kind: kind);

        await Parallel.ForEachAsync(faults.Take(TestCounts.Pick(reduced: 1, full: 16)), Options, async (fault, _) =>
            await Run($"{fault.Kind} again and again", before, 100, [
                "--seccomp-bpf", "-e", $"trace={Changes}", "-e", $"inject=pwrite64:error={fault.Kind}:when=60+{fault.Step}", "-e", $"inject=fsync:error={fault.Kind}:when=20+{fault.Step}"]));

        Report("again and again");
    }

    /// <summary>A file whose name is not on the disk is gone when the power goes, and the database may name its key already.</summary>
    [Fact]
    public async Task Append_NewKeyAndHead_AreInTheirFoldersBeforeAnythingElseIsWritten()
    {
        var folder = "";
        var (output, trace) = await Trace("names", null, Receipts, _ => ["-y", "-e", "trace=?rename,?renameat,?renameat2,?mkdir,?mkdirat,?pwrite64,?fsync"], f => folder = f);

        Assert.Contains("\nend\n", output);
        var calls = ChangeLine().Matches(trace).Select(m => m.Groups["call"].Value).ToList();
        foreach (var (made, at) in new[] { ("keys/receipts.key", "keys"), ("keys/receipts.pub", "keys"), ("receipts.head", ""), ("keys", "") })
        {
            var place = calls.FindIndex(c => c.Contains($"\"{Path.Combine(folder, made)}\"", StringComparison.Ordinal));
            Assert.True(place >= 0, $"{made} was not made: {string.Join('\n', calls)}");
            Assert.Matches($"^fsync\\([0-9]+<{Regex.Escape(Path.Combine(folder, at).TrimEnd('/'))}>\\)", calls[place + 1]);
        }
    }

    private static ParallelOptions Options => new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken };

    /// <summary>A log of some receipts that a process held and left.</summary>
    private string Before()
    {
        var folder = _folder.Combine("before");
        using var log = new TestLog(folder);
        log.Append(3);
        log.Log.Checkpoint();
        log.Append(2);
        return folder;
    }

    private async Task InjectEach(string what, string? before, int reduced)
    {
        var faults = (await Faults(before)).OrderBy(f => f.Kind).ThenBy(f => f.Call).ThenBy(f => f.Number).ToList();
        var count = Math.Min(faults.Count, TestCounts.Pick(reduced, full: faults.Count));
        var chosen = Enumerable.Range(0, count).Select(i => faults[(int)((long)i * faults.Count / count)]);

        await Parallel.ForEachAsync(chosen, Options, async (fault, _) =>
        {
            string[] traced = Traced(OnFiles.Contains(fault.Call, StringComparison.Ordinal));
            // Faster with --seccomp-bpf, but then no signal comes through.
            await Run($"{fault}", before, Receipts, fault.Kind == "KILL"
                ? [.. traced, "-e", $"inject={fault.Call}:signal=KILL:when={fault.Number}"]
                : ["--seccomp-bpf", .. traced, "-e", $"inject={fault.Call}:error={fault.Kind}:when={fault.Number}"]);
        });

        Report($"a log that {what}, {count} of {faults.Count} faults tried");
    }

    private void Report(string what)
    {
        TestReport.Line($"faults injected: {what}: {_injected} faults in {_runs} runs, {_acknowledged} receipts acknowledged, {_faults} refusals in words; lost or wrong: {_wrong.Count}");
        Assert.True(_wrong.IsEmpty, string.Join('\n', _wrong.Take(20)));
        Assert.True(_injected >= _runs * 9 / 10, $"of {_runs} faults only {_injected} were met");
    }

    /// <summary>Every call that a run without faults makes, with every fault it may meet.</summary>
    private async Task<IEnumerable<Fault>> Faults(string? before)
    {
        var faults = new List<Fault>();
        foreach (var onFiles in (bool[])[false, true])
        {
            var (output, trace) = await Trace("none", before, Receipts, folder => Traced(onFiles, folder));
            Assert.True(output.Contains("\nend\n", StringComparison.Ordinal) && !output.Contains("\nfault ", StringComparison.Ordinal), output);
            // Only the thread that appends: the others are the runtime's.
            var appending = CallLine().Matches(trace).GroupBy(m => m.Groups["thread"].Value).MaxBy(g => g.Count())!;
            foreach (var call in appending.GroupBy(m => m.Groups["call"].Value))
            {
                // A call that only reads, or that undoes, cannot find the disk full; killed before a reading it is the same as before the next change.
                string[] kinds = call.Key switch
                {
                    "pread64" or "flock" => ["EIO"],
                    "unlink" or "unlinkat" or "chmod" or "fchmod" or "fchown" => ["EIO", "KILL"],
                    _ => ["EIO", "ENOSPC", "KILL"],
                };
                faults.AddRange(from number in Enumerable.Range(1, call.Count()) from kind in kinds select new Fault(call.Key, number, kind));
            }
        }
        return faults;
    }

    private static string[] Traced(bool onFiles, string folder = "") =>
        onFiles ? ["-e", $"trace={OnFiles}", .. LogFiles.SelectMany(f => (string[])["-P", Path.Combine(folder, f)])] : ["-e", $"trace={Changes}"];

    private async Task Run(string what, string? before, int receipts, string[] options)
    {
        var folder = "";
        try
        {
            var (output, trace) = await Trace(what, before, receipts, f => [.. Array.ConvertAll(options, o => Array.IndexOf(LogFiles, o) >= 0 ? Path.Combine(f, o) : o)], f => folder = f);
            Interlocked.Increment(ref _runs);
            Interlocked.Add(ref _injected, Injected().Count(trace) + (trace.Contains("+++ killed by SIGKILL", StringComparison.Ordinal) ? 1 : 0));
            Interlocked.Add(ref _faults, output.Split('\n').Count(l => l.StartsWith("fault ", StringComparison.Ordinal)));
            await Check(what, folder, output);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _wrong.Add($"{what}: {e}");
        }
    }

    private async Task<(string Output, string Trace)> Trace(string what, string? before, int receipts, Func<string, string[]> options, Action<string>? place = null)
    {
        var run = _folder.Combine($"{what.Replace(' ', '-')}-{Guid.NewGuid():N}");
        var data = Path.Combine(run, "data");
        Directory.CreateDirectory(run);
        if (before is not null) Copy(before, data);
        place?.Invoke(data);
        var trace = Path.Combine(run, "trace");
        var output = await AppendingProcess.RunUnder(["strace", "-f", "-o", trace, .. options(data)], data, receipts, "reads", TestContext.Current.CancellationToken);
        return (output, await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken));
    }

    /// <summary>What must hold after any fault.</summary>
    private async Task Check(string what, string folder, string output)
    {
        foreach (var crash in output.Split('\n').Where(l => l.StartsWith("crash ", StringComparison.Ordinal))) _wrong.Add($"{what}: {crash}");
        using (var log = new TestLog(folder))
        {
            log.Append(1);
            log.Log.Checkpoint();
            var leaves = log.Store.Use(db => db.Receipts.OrderBy(r => r.Seq).Select(r => r.Leaf).ToList());
            foreach (Match said in ReceiptLine().Matches(output))
            {
                Interlocked.Increment(ref _acknowledged);
                var seq = int.Parse(said.Groups["seq"].Value);
                if (seq >= leaves.Count || Convert.ToHexStringLower(leaves[seq]) != said.Groups["leaf"].Value) _wrong.Add($"{what}: receipt {seq} was acknowledged and is lost");
            }
            var heads = HeadLine().Matches(output).Select(m => (Size: int.Parse(m.Groups["size"].Value), Root: m.Groups["root"].Value))
                .Concat(log.Store.Use(db => db.Checkpoints.Select(c => new { c.Size, c.Root }).ToList()).Select(c => (Size: (int)c.Size, Root: Convert.ToHexStringLower(c.Root))));
            foreach (var (size, root) in heads)
            {
                if (size > leaves.Count || Convert.ToHexStringLower(MerkleTree.Root(leaves.Take(size))) != root) _wrong.Add($"{what}: the checkpoint of {size} receipts is of another history");
            }
        }
        var (code, told, error) = await CliRun.Of(folder, "receipts", "verify");
        if (code != 0 || told.Contains("FAILED", StringComparison.Ordinal)) _wrong.Add($"{what}: {told}{error}");
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex(@"^(?<thread>\d+) +(?<call>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex CallLine();

    [GeneratedRegex(@"^\d+ +(?<call>(rename|renameat|renameat2|mkdir|mkdirat|pwrite64|fsync)\(.*)$", RegexOptions.Multiline)]
    private static partial Regex ChangeLine();

    [GeneratedRegex(@"\(INJECTED\)")]
    private static partial Regex Injected();

    [GeneratedRegex(@"^receipt (?<seq>\d+) (?<leaf>[0-9a-f]{64})$", RegexOptions.Multiline)]
    private static partial Regex ReceiptLine();

    [GeneratedRegex(@"^head (?<size>\d+) (?<root>[0-9a-f]{64})$", RegexOptions.Multiline)]
    private static partial Regex HeadLine();
}
