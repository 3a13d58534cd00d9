using System.Buffers.Binary;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>
/// Inclusion proofs and checkpoints of ours as @sigstore/verify sees them, in the shape of an entry of Rekor. Rekor's trusted root says by which id a log goes, so with
/// the id of C2SP for an Ed25519 key the package takes the checkpoint as it is. Three things it does not look at: whether the size in the checkpoint is that of the
/// proof, the name of the log, and the name on the line of a signature. A checkpoint with a signature of a key that is not trusted, as one of a witness is, it refuses.
/// </summary>
public sealed class SigstorePeerTests
{
    private readonly Random _random = new(20261129);
    private readonly NoteSigner _signer = new("copilot.local/01k0samp1e", [.. Enumerable.Repeat((byte)7, 32)]);

    [Fact]
    public async Task InclusionProof_OfEveryReceipt_HoldsForSigstore()
    {
        var log = SampleLog.Full();
        var (count, leaves) = (log.Lines.Length, log.Receipts.ConvertAll(r => Convert.FromHexString(r.Leaf)));
        var questions = from size in Enumerable.Range(1, count)
                        from index in Enumerable.Range(0, size)
                        select Question(
                            new(log.Lines[index], index, size, MerkleTree.Root(leaves.Take(size)), [.. MerkleTree.Path(index, size, leaves.Take(size)).Select(h => h.ToArray())]),
                            log.Checkpoint(size),
                            log.Key);

        var answers = await NpmPeer.Ask(questions);

        Assert.All(answers, a => Assert.Null(a.Fault));
        TestReport.Line($"npm peer @sigstore/verify: {answers.Count} proofs of receipts with their checkpoints held");
    }

    [Fact]
    public async Task InclusionProof_Altered_IsRefusedBySigstoreAsHere()
    {
        var trees = new RandomTrees(_random);
        var proofs = Enumerable.Range(0, TestCounts.Pick(reduced: 1000, full: 30_000)).Select(i => i % 4 == 0 ? trees.Proof() : trees.Altered(trees.Proof())).ToList();

        var answers = await NpmPeer.Ask(proofs.Select(p => Question(p, Encoding.UTF8.GetBytes(_signer.Sign(new Checkpoint(_signer.Key.Name, p.Size, Convert.ToHexStringLower(p.Root)).Text).Format()), _signer.Key)));

        foreach (var (proof, answer) in proofs.Zip(answers)) Assert.True(proof.Holds == answer.Fault is null, $"{proof.What} of leaf {proof.Index} of {proof.Size}: ours {proof.Holds}, Sigstore {answer.Fault ?? "held"}");
        TestReport.Line($"npm peer @sigstore/verify: {proofs.Count} proofs over random trees, {proofs.Count(p => p.What != Alteration.None)} of them altered: held by both {proofs.Count(p => p.Holds)}, refused by both {proofs.Count(p => !p.Holds)}");
    }

    [Fact]
    public async Task Checkpoint_Altered_IsRefusedBySigstoreWhereItLooks()
    {
        var trees = new RandomTrees(_random);
        var altered = Enumerable.Range(0, TestCounts.Pick(reduced: 1000, full: 30_000)).Select(_ =>
        {
            var proof = trees.Proof();
            var note = Encoding.UTF8.GetBytes(_signer.Sign(new Checkpoint(_signer.Key.Name, proof.Size, Convert.ToHexStringLower(proof.Root)).Text).Format());
            var at = _random.Next(note.Length);
            note[at] ^= (byte)(1 << _random.Next(8));
            return (Proof: proof, Note: note, IsText: at <= note.AsSpan().LastIndexOf("\n\n"u8));
        }).ToList();

        var answers = await NpmPeer.Ask(altered.Select(a => Question(a.Proof, a.Note, _signer.Key)));

        Assert.All(altered, a => Assert.False(SignedNote.TryParse(a.Note, out var note, out _) && note!.IsSignedBy(_signer.Key, SampleLog.Verify)));
        var held = altered.Zip(answers).Where(a => a.Second.Fault is null).Select(a => a.First).ToList();
        // Another name on the line of the signature, or base64 that Node reads otherwise than it is written.
        Assert.All(held, h => Assert.False(h.IsText, Encoding.UTF8.GetString(h.Note)));
        TestReport.Line($"npm peer @sigstore/verify: {altered.Count} checkpoints with a bit flipped, refused here {altered.Count}, there {altered.Count - held.Count} (it looks neither at the name on the signature's line nor at stray bits of base64)");
    }

    [Fact]
    public async Task Checkpoint_OfAnotherKeyOrWithOneMore_IsRefusedBySigstore()
    {
        var proof = new RandomTrees(_random).Proof();
        var text = new Checkpoint(_signer.Key.Name, proof.Size, Convert.ToHexStringLower(proof.Root)).Text;
        var witness = new NoteSigner("witness", [.. Enumerable.Repeat((byte)8, 32)]);
        var both = new SignedNote(text, [.. _signer.Sign(text).Signatures, .. witness.Sign(text).Signatures]);

        var answers = await NpmPeer.Ask([
            Question(proof, Encoding.UTF8.GetBytes(_signer.Sign(text).Format()), _signer.Key),
            Question(proof, Encoding.UTF8.GetBytes(_signer.Sign(text).Format()), witness.Key),
            Question(proof, Encoding.UTF8.GetBytes(both.Format()), _signer.Key)]);

        Assert.Equal([null, "invalid checkpoint signature", "invalid checkpoint signature"], answers.Select(a => a.Fault));
        Assert.True(both.IsSignedBy(_signer.Key, SampleLog.Verify));
    }

    private static NpmPeer.Question Question(RecordProof proof, byte[] checkpoint, NoteKey key)
    {
        var id = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(id, key.Id);
        return new("proof")
        {
            Receipt = proof.Record,
            Index = proof.Index,
            Size = proof.Size,
            Root = proof.Root,
            Path = proof.Path,
            Checkpoint = checkpoint,
            Key = key.PublicKey.ToArray(),
            KeyId = id,
        };
    }
}
