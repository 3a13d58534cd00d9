using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using NSec.Cryptography;

namespace Copilot.Tests.Receipts;

/// <summary>A small log with a receipt of every type, always the same bytes: key, ids and times are fixed.</summary>
internal sealed class SampleLog
{
    public const string Name = "copilot.local/01K0SAMP1E0000000000000000";

    public static readonly string Digest = "sha256:" + new string('a', 64);

    private readonly Key _key;
    private readonly Key _next;
    private int _salts;
    private readonly Dictionary<string, (long Seq, string Leaf)> _streams = [];

    /// <param name="secret">The first byte of the private key: another one makes another log's key.</param>
    public SampleLog(byte secret = 1, string name = Name)
    {
        _key = NSec.Cryptography.Key.Import(SignatureAlgorithm.Ed25519, Enumerable.Repeat(secret, 32).ToArray(), KeyBlobFormat.RawPrivateKey);
        Key = new(name, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        _next = NSec.Cryptography.Key.Import(SignatureAlgorithm.Ed25519, Enumerable.Repeat((byte)(secret + 100), 32).ToArray(), KeyBlobFormat.RawPrivateKey);
        Next = new(name, _next.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        Log = name;
    }

    public string Log { get; }

    public NoteKey Key { get; }

    /// <summary>The key that <see cref="Whole"/> passes on to.</summary>
    public NoteKey Next { get; }

    public List<SealedReceipt> Receipts { get; } = [];

    public IEnumerable<Opening> Openings => Receipts.SelectMany(r => r.Openings).Select(o => o.Opening);

    public byte[][] Lines => [.. Receipts.Select(r => r.Bytes)];

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key) && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);

    public ReceiptRef Add(ReceiptDraft draft)
    {
        var seq = Receipts.Count;
        var isKnown = _streams.TryGetValue(draft.Stream, out var last);
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(seq);
        var id = Ulid.Create(at, [.. Enumerable.Repeat((byte)seq, Ulid.RandomBytes)]);
        var receipt = ReceiptSeal.Seal(draft, new(Log, seq, isKnown ? last.Seq + 1 : 0, isKnown ? last.Leaf : null, id, at, seq * 1000L, "0.1.0", "0123abc", Salt));
        _streams[draft.Stream] = (receipt.StreamSeq, receipt.Leaf);
        Receipts.Add(receipt);
        return receipt.Ref;
    }

    public TreeHead Head(int size) => new(size, Convert.ToHexStringLower(MerkleTree.Root(Receipts.Take(size).Select(r => Convert.FromHexString(r.Leaf)))), "keeper");

    public byte[] Checkpoint(int size) =>
        Encoding.UTF8.GetBytes(SignedNote.Sign(new Checkpoint(Log, size, Head(size).Root).Text, Key, m => SignatureAlgorithm.Ed25519.Sign(_key, m)).Format());

    public SampleLog Open()
    {
        Add(new(ReceiptType.LogOpened, "log", Log, Body($$"""{"format":"copilot-receipt/1","key":"{{Key}}"}""")));
        return this;
    }

    public ReceiptRef Intent(string stream, string call) =>
        Add(new(ReceiptType.ToolIntent, stream, "checkout-1", Body("""{"tool":"snapshot.read","source":"alerts"}""")) { ToolCallId = call });

    public ReceiptRef Result(string stream, string call, params ReceiptRef[] intents) => Add(
        new(ReceiptType.ToolResult, stream, "checkout-1", Body($$"""{"tool":"snapshot.read","source":"alerts","outcome":"ok","files":1,"bytes":512,"records":3,"gaps":0,"opened":[{"address":"alerts.json#1","digest":"{{Digest}}"}]}"""))
        {
            ToolCallId = call,
            Refs = [.. intents.Select(i => new ReceiptLink("intent", i.Id, i.Leaf))],
        });

    /// <summary>A log with two incidents and a call that never ended.</summary>
    public static SampleLog Full(byte secret = 1, string name = Name)
    {
        var log = new SampleLog(secret, name).Open();
        log.Add(new(ReceiptType.IncidentOpened, "incident-1", "checkout-1", Body("""{"name":"checkout-1","severity":"high","environment":"unknown"}"""))
        {
            Actor = new(ActorKind.Human, "os:alice", "os-user"),
        });
        var result = log.Result("incident-1", "call-1", log.Intent("incident-1", "call-1"));
        var claim = log.Add(new(ReceiptType.ClaimMade, "incident-1", "checkout-1", Body(
            $$"""{"status":"resolved","factors":[{"name":"shop/Deployment/cart","mechanism":"config","code":"RCA-103","confidence":"0.93","evidence":[{"address":"alerts.json#1","digest":"{{Digest}}","receipt":"{{result.Id}}"}]}],"statements":1,"removed":0}"""))
        {
            Run = result.Id,
            OnBehalfOf = new(ActorKind.Human, "os:alice", "os-user"),
            Refs = [new("evidence", result.Id, result.Leaf)],
        });
        var plan = log.Add(new(ReceiptType.PlanProposed, "incident-1", "checkout-1", Body(
            $$"""{"plan":"{{Digest}}","runbook":"rollback","steps":[{"kind":"rollout.undo","target":"shop/Deployment/cart","reversible":true}]}"""))
        {
            Refs = [new("claim", claim.Id, claim.Leaf)],
        });
        log.Add(new(ReceiptType.PolicyDecided, "incident-1", "checkout-1", Body($$"""{"plan":"{{Digest}}","step":0,"facts":{"environment":"unknown"},"effect":"deny"}"""))
        {
            Refs = [new("plan", plan.Id, plan.Leaf)],
            Policy = new(Digest, "deny", ["default"]),
        });
        log.Intent("reads", "call-2");
        log.Add(new(ReceiptType.ReportIssued, "incident-1", "checkout-1", Body($$"""{"schema":"copilot-diagnosis/1","digest":"{{Digest}}","bytes":9000}""")));
        log.Add(new(ReceiptType.IncidentFeedback, "incident-1", "checkout-1", Body($$"""{"verdict":"wrong","true_causes":[{"name":"a"},{"name":"b","mechanism":"network"}],"note_digest":"{{Digest}}","note_length":7}""")));
        log.Add(new(ReceiptType.AlertsReceived, "incident-1", "checkout-1", Body($$"""{"source":"alertmanager","new":2,"again":0,"resolved":1,"digest":"{{Digest}}"}""")) { Actor = new(ActorKind.Service, "api:alertmanager", "api-token") });
        log.Add(new(ReceiptType.InvestigationRequested, "incident-1", "checkout-1", Body($$"""{"request":"{{result.Id}}","cause":"alerts","within_seconds":3600}""")));
        log.Add(new(ReceiptType.InvestigationEnded, "incident-1", "checkout-1", Body($$"""{"request":"{{result.Id}}","outcome":"done","attempts":1}""")));
        log.Add(new(ReceiptType.IncidentClosed, "incident-1", "checkout-1", Body("""{"resolution":"no-fault"}""")));
        return log;
    }

    /// <summary><see cref="Full"/>, and what an incident and a log go through later: values, holds, removals and another key.</summary>
    public static SampleLog Whole(byte secret = 1)
    {
        var log = Full(secret);
        var intent = log.Add(new(ReceiptType.ToolIntent, "incident-1", "checkout-1", Body("""{"tool":"snapshot.records","source":"snapshot","records":2}"""))
        {
            ToolCallId = "call-3",
            Committed = [new("/body/arguments", JsonNode.Parse("""["a#1","b#2"]""")!)],
        });
        log.Add(new(ReceiptType.ToolResult, "incident-1", "checkout-1", Body("""{"tool":"snapshot.records","source":"snapshot","outcome":"ok","records":2}"""))
        {
            ToolCallId = "call-3",
            Refs = [new("intent", intent.Id, intent.Leaf)],
            Committed = [new("/body/result", new JsonArray(new string('x', FieldCommitment.ChunkBytes), "tail"))],
        });
        log.Add(new(ReceiptType.PolicyDecided, "incident-1", "checkout-1", Body($$"""{"plan":"{{Digest}}","step":1,"facts":{"environment":"prod"},"effect":"deny"}"""))
        {
            Policy = new(Digest, "deny", ["default"]),
            Committed = [new("/body/policy", PolicyText)],
        });
        var note = log.Add(new(ReceiptType.IncidentFeedback, "incident-1", "checkout-1", Body("""{"verdict":"right","true_causes":[]}""")) { Committed = [new("/body/note", "a note")] });
        log.Add(new(ReceiptType.AlertsReceived, "incident-1", "checkout-1", Body($$"""{"source":"alertmanager","new":1,"again":0,"resolved":0,"digest":"{{Digest}}"}"""))
        {
            Committed = [new("/body/alerts", new JsonArray(Body("""{"name":"Down"}""")))],
            Masked = [new("/subject", ["token"])],
        });
        var hold = log.Add(new(ReceiptType.HoldPlaced, "incident-1", "incident-1", Body("""{"reason":"legal"}""")));
        log.Add(new(ReceiptType.HoldReleased, "incident-1", "incident-1", Body("""{"reason":"done"}""")) { Refs = [new("hold", hold.Id, hold.Leaf)] });
        log.Add(new(ReceiptType.OpeningRemoved, "incident-1", "note", Body($$"""{"receipt":"{{note.Id}}","pointer":"/body/note","reason":"asked for"}"""))
        {
            Actor = new(ActorKind.Human, "os:alice", "os-user"),
            Refs = [new("value", note.Id, note.Leaf)],
        });
        log.Add(new(ReceiptType.OpeningsExpired, "log", "1 values", Body(
            $$"""{"retention":"argument","before":"2026-03-01T12:00:00.0000000Z","removed":[{"receipt":"{{intent.Id}}","pointer":"/body/arguments"}],"held":[{"receipt":"{{note.Id}}","pointer":"/body/note","hold":"{{hold.Id}}"}]}""")));
        var person = new NoteKey("alice", log.Key.PublicKey.Span);
        log.Add(new(ReceiptType.IdentityEnrolled, "log", "alice", Body($$"""{"person":"alice","key":"{{person}}","before":"{{Digest}}","after":"{{Digest}}"}""")) { Actor = new(ActorKind.Human, "os:alice", "os-user") });
        log.Add(new(ReceiptType.IdentityLinked, "log", "alice", Body($$"""{"person":"alice","identity":"slack:T1/U1","key":"{{person}}","before":"{{Digest}}","after":"{{Digest}}"}""")) { Actor = new(ActorKind.Human, "os:alice", "os-user") });
        SampleApprovals.Add(log, log.Sign);
        log.Add(new(ReceiptType.KeyRotated, "log", log.Log, Body($$"""{"from":"{{log.Key}}","to":"{{log.Next}}"}""")));
        return log;
    }

    public const string PolicyText = "the policy";

    /// <summary>The checkpoint of <see cref="Whole"/> that ends with the change of the key.</summary>
    public byte[] Rotation(bool byOld = true, bool byNew = true)
    {
        var text = new Checkpoint(Log, Receipts.Count, Head(Receipts.Count).Root).Text;
        return Encoding.UTF8.GetBytes(new SignedNote(text, [.. byOld ? Signatures(text, Key, _key) : [], .. byNew ? Signatures(text, Next, _next) : []]).Format());
    }

    private static IReadOnlyList<NoteSignature> Signatures(string text, NoteKey key, Key secret) => SignedNote.Sign(text, key, m => SignatureAlgorithm.Ed25519.Sign(secret, m)).Signatures;

    /// <summary>Decides as the receipts of <see cref="Whole"/> say.</summary>
    public static ReplayedDecision Replay(string policy, IReadOnlyDictionary<string, string> facts) => policy == PolicyText ? new(null, Digest, "deny", ["default"]) : new("no such policy", "", "", []);

    // Each salt another one, and always the same.
    private byte[] Salt() => [.. Enumerable.Repeat((byte)(100 + _salts++), FieldCommitment.SaltBytes)];

    public byte[] Sign(byte[] message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public static JsonObject Body(string json) => (JsonObject)JsonNode.Parse(json)!;

    public ReceiptVerification Verify(IEnumerable<byte[]> lines, byte[]? checkpoint = null, params TreeHead[] expected) =>
        ReceiptVerifier.Verify(new(lines.Select(l => (ReadOnlyMemory<byte>)l)) { Checkpoint = checkpoint, Key = Key, Verify = Verify, Expected = expected });
}
