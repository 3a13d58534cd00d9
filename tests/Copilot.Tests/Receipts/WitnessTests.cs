using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class WitnessTests
{
    private static readonly TestTree Log = new("copilot.example/log", 3, Enumerable.Range(0, 40).Select(TestTree.Leaf));
    private static readonly TestTree Fork = new("copilot.example/log", 3, Log.Leaves.Take(6).Concat(Enumerable.Range(100, 34).Select(TestTree.Leaf)));
    private static readonly TestTree Stranger = new("copilot.example/other", 4, Log.Leaves);

    /// <summary>With the log's name, and a key that is not the log's.</summary>
    private static readonly TestTree Forger = new("copilot.example/log", 5, Log.Leaves);

    private static WitnessDecision Decide(AddCheckpoint request, WitnessedHead last, params NoteKey[] more) => Witness.Decide(request, [Log.Key, .. more], last, SampleLog.Verify);

    private static WitnessedHead Seen(int size) => size == 0 ? WitnessedHead.None : new(size, Log.Root(size));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 1)]
    [InlineData(0, 0, 10)]
    [InlineData(10, 10, 10)]
    [InlineData(10, 10, 11)]
    [InlineData(10, 10, 40)]
    [InlineData(8, 8, 32)]
    public void Decide_CheckpointContinuesTheLast_IsCosigned(int seen, int old, int size)
    {
        var decision = Decide(Log.Request(old, size), Seen(seen));

        Assert.Equal((WitnessVerdict.Cosign, 200, null), (decision.Verdict, decision.Status, decision.LastSize));
    }

    [Theory]
    [InlineData(10, 0, 20)]
    [InlineData(10, 9, 20)]
    [InlineData(10, 11, 20)]
    [InlineData(0, 5, 20)]
    [InlineData(10, 5, 5)]
    [InlineData(10, 5, 8)]
    [InlineData(10, 0, 0)]
    public void Decide_OldSizeIsNotTheLast_Is409WithTheLastSize(int seen, int old, int size)
    {
        var decision = Decide(Log.Request(old, size), Seen(seen));

        Assert.Equal((WitnessVerdict.Stale, 409, seen), (decision.Verdict, decision.Status, decision.LastSize));
    }

    [Theory]
    [InlineData(10, 10, 9)]
    [InlineData(5, 10, 9)]
    public void Decide_OldSizeBeyondTheCheckpoint_Is400(int seen, int old, int size) => Assert.Equal((WitnessVerdict.Backwards, 400), (Decide(Log.Request(old, size), Seen(seen)) is var d ? d.Verdict : default, d.Status));

    [Theory]
    [InlineData(10)]
    [InlineData(40)]
    public void Decide_SameSizeAnotherRoot_Is409WithTheLastSize(int size)
    {
        var decision = Decide(Fork.Request(size, size), Seen(size));

        Assert.Equal((WitnessVerdict.Forked, 409, size), (decision.Verdict, decision.Status, decision.LastSize));
    }

    [Fact]
    public void Decide_EmptyLogWithAnotherRoot_Is409()
    {
        var head = new Checkpoint(Log.Key.Name, 0, new string('0', 64));

        Assert.Equal(409, Decide(new(0, [], Log.Signed(head.Text), head), WitnessedHead.None).Status);
    }

    /// <summary>The fork leaves the log behind its sixth receipt: only what came before it continues both.</summary>
    [Theory]
    [InlineData(5, 20, 200)]
    [InlineData(6, 20, 200)]
    [InlineData(7, 20, 422)]
    [InlineData(10, 11, 422)]
    public void Decide_CheckpointOfAFork_Is422WhereItLeftTheLog(int seen, int size, int status) => Assert.Equal(status, Decide(Fork.Request(seen, size), Seen(seen)).Status);

    [Fact]
    public void Decide_FaultyProof_Is422()
    {
        var request = Log.Request(10, 20);

        Assert.Equal(422, Decide(request with { Proof = [] }, Seen(10)).Status);
        Assert.Equal(422, Decide(request with { Proof = [.. request.Proof, request.Proof[0]] }, Seen(10)).Status);
        Assert.Equal(422, Decide(request with { Proof = [.. request.Proof.Reverse()] }, Seen(10)).Status);
        // Where nothing is to be proved, no proof may stand.
        Assert.Equal(422, Decide(Log.Request(0, 20) with { Proof = request.Proof }, Seen(0)).Status);
        Assert.Equal(422, Decide(Log.Request(20, 20) with { Proof = request.Proof }, Seen(20)).Status);
    }

    [Fact]
    public void Decide_UnknownLog_Is404() => Assert.Equal((WitnessVerdict.UnknownLog, 404), (Decide(Stranger.Request(0, 5), Seen(0)) is var d ? d.Verdict : default, d.Status));

    [Fact]
    public void Decide_NotSignedByTheLog_Is403()
    {
        Assert.Equal((WitnessVerdict.NotSigned, 403), (Decide(Forger.Request(0, 5), Seen(0)) is var d ? d.Verdict : default, d.Status));
        // The signature is of another text.
        Assert.Equal(403, Decide(Log.Request(0, 5) with { Note = Log.Checkpoint(5) with { Text = Log.Checkpoint(6).Text } }, Seen(0)).Status);
        // The key of another log that is known as well signs nothing of this one.
        var foreign = Stranger.Signed(Log.Checkpoint(5).Text);
        Assert.Equal(403, Decide(Log.Request(0, 5) with { Note = foreign }, Seen(0), Stranger.Key).Status);
    }

    [Fact]
    public void Decide_SignaturesOfOthersBesideTheLogs_AreNoHindrance()
    {
        var note = Log.Checkpoint(5);
        var request = Log.Request(0, 5) with { Note = note with { Signatures = [.. Forger.Signed(note.Text).Signatures, .. note.Signatures] } };

        Assert.Equal(200, Decide(request, Seen(0)).Status);
        // A log that changed its key has two.
        Assert.Equal(200, Decide(Forger.Request(5, 9), Seen(5), Forger.Key).Status);
    }

    /// <summary>Refusals come in the order of the specification: whoever is not known learns nothing of what was cosigned.</summary>
    [Fact]
    public void Decide_SeveralFaults_TheFirstOfTheSpecificationCounts()
    {
        Assert.Equal(404, Decide(Stranger.Request(9, 5), Seen(7)).Status);
        Assert.Equal(403, Decide(Forger.Request(9, 5), Seen(7)).Status);
        Assert.Equal(400, Decide(Log.Request(9, 5), Seen(7)).Status);
        Assert.Equal(409, Decide(Fork.Request(5, 20) with { Proof = [] }, Seen(7)).Status);
    }

    /// <summary>
    /// Whatever honest logs, forks, replays and broken proofs are submitted in whatever order: of what was cosigned each head continues all the smaller ones.
    /// </summary>
    [Fact]
    public void Decide_RandomSubmissions_NeverCosignsTwoHeadsThatContradictEachOther()
    {
        var (cosigned, refused) = (0L, 0L);
        var submission = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 24], Gen.Int[0, 24], Gen.Int[0, 9]);
        submission.Array[1, 40].Sample(submissions =>
        {
            // Four histories that share 0, 4, 9 and 16 leaves with the first.
            var trees = new[] { 24, 4, 9, 16 }.Select((shared, i) => new TestTree(Log.Key.Name, 3, Log.Leaves.Take(shared).Concat(Enumerable.Range(1000 * (i + 1), 24 - shared).Select(TestTree.Leaf)))).ToArray();
            var last = WitnessedHead.None;
            var heads = new List<(int Tree, int Size)>();
            foreach (var (tree, size, old, twist) in submissions)
            {
                // Most name the size that the witness knows, as a log would after its first refusal.
                var from = twist < 7 ? (int)last.Size : old;
                var request = trees[tree].Request(from, size);
                if (twist == 6 && request.Proof.Count > 0) request = request with { Proof = [.. trees[(tree + 1) % 4].Request(from, size).Proof] };
                if (twist == 9) request = request with { Proof = [] };
                var decision = Decide(request, last);
                if (decision.Verdict == WitnessVerdict.Cosign)
                {
                    last = new(request.Head.Size, request.Head.Root);
                    heads.Add((tree, size));
                    Interlocked.Increment(ref cosigned);
                }
                else Interlocked.Increment(ref refused);
            }
            for (var i = 1; i < heads.Count; i++)
            {
                Assert.True(heads[i].Size >= heads[i - 1].Size, "the log was rolled back");
                // By what the trees hold, not by their proofs.
                for (var j = 0; j < i; j++)
                    Assert.Equal(trees[heads[j].Tree].Leaves.Take(heads[j].Size), trees[heads[i].Tree].Leaves.Take(heads[j].Size));
            }
        }, iter: TestCounts.Pick(reduced: 500, full: 20_000));
        TestReport.Line($"Witness, random submissions: {cosigned} cosigned, {refused} refused, 0 contradictions");
        Assert.True(cosigned > 0 && refused > 0);
    }
}
