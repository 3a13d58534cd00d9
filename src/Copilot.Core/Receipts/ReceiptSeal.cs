using System.Globalization;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>What the log adds to a draft.</summary>
/// <param name="Log">The log's name.</param>
/// <param name="Seq">The receipt's number in the log, from 0.</param>
/// <param name="StreamSeq">Its number in its stream, from 0.</param>
/// <param name="Prev">The leaf of the previous receipt of the stream; null for the first.</param>
/// <param name="Id">A ULID that no other receipt of the log has.</param>
/// <param name="MonotonicNanoseconds">A clock that never runs back while the process lives.</param>
/// <param name="SoftwareCommit">Null when it is not known.</param>
/// <param name="NewSalt">Gives 32 random bytes, each time others; needed for drafts that commit to values.</param>
public sealed record SealContext(
    string Log,
    long Seq,
    long StreamSeq,
    string? Prev,
    string Id,
    DateTimeOffset At,
    long MonotonicNanoseconds,
    string SoftwareVersion,
    string? SoftwareCommit,
    Func<byte[]>? NewSalt = null);

/// <summary>A receipt as it is stored.</summary>
/// <param name="Bytes">Canonical JSON.</param>
/// <param name="Leaf">Its leaf hash, lower-case hex.</param>
/// <param name="Openings">The values that it commits to, each with how long it is kept.</param>
public sealed record SealedReceipt(byte[] Bytes, string Leaf, long Seq, string Id, ReceiptType Type, string Stream, long StreamSeq, IReadOnlyList<(Opening Opening, Retention Retention)> Openings)
{
    public ReceiptRef Ref => new(Seq, Id, Leaf);
}

/// <summary>Makes a receipt of a draft. What it makes always passes the verifier's check of the form.</summary>
public static class ReceiptSeal
{
    /// <summary>Streams of what belongs to no incident.</summary>
    public static readonly IReadOnlyList<string> CommonStreams = ["log", "reads"];

    internal const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <exception cref="ArgumentException">The draft or what the log adds breaks the format; the message names the member.</exception>
    public static SealedReceipt Seal(ReceiptDraft draft, SealContext context)
    {
        var openings = draft.Committed.Select(c => Open(draft.Type, c, context)).ToList();
        var bytes = CanonicalJson.Serialize(Envelope(draft, context, openings.Select(o => o.Opening)));
        // By the reader that verifies: whatever the log takes can be read and verified for as long as it is kept.
        if (!StoredReceipt.TryRead(bytes, out var read, out var fault)) throw new ArgumentException($"A receipt {ReceiptTypes.Name(draft.Type)} breaks the format: {fault}.", nameof(draft));
        return new(bytes, Convert.ToHexStringLower(read!.Leaf.Span), context.Seq, context.Id, draft.Type, draft.Stream, context.StreamSeq, openings);
    }

    private static (Opening Opening, Retention Retention) Open(ReceiptType type, CommittedValue committed, SealContext context)
    {
        var fields = ReceiptBodies.FieldsOf(type).Where(f => f.Pointer == committed.Pointer).ToList();
        if (fields.Count == 0) throw new ArgumentException($"A receipt {ReceiptTypes.Name(type)} commits to nothing at {committed.Pointer}.", nameof(committed));
        if (context.NewSalt is null) throw new ArgumentException("A draft that commits to values needs salts.", nameof(context));
        return (new(context.Id, committed.Pointer, context.NewSalt(), CanonicalJson.Serialize(committed.Value)), fields[0].Retention);
    }

    private static JsonObject Envelope(ReceiptDraft draft, SealContext context, IEnumerable<Opening> openings) => WithoutNulls(
        ("v", 1),
        ("log", context.Log),
        ("seq", context.Seq),
        ("stream", draft.Stream),
        ("stream_seq", context.StreamSeq),
        ("id", context.Id),
        ("type", ReceiptTypes.Name(draft.Type)),
        ("time", new JsonObject
        {
            ["utc"] = context.At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            ["mono_ns"] = context.MonotonicNanoseconds.ToString(CultureInfo.InvariantCulture),
        }),
        ("actor", Actor(draft.Actor)),
        ("on_behalf_of", draft.OnBehalfOf is { } other ? Actor(other) : null),
        ("corr", WithoutNulls(
            ("incident", CommonStreams.Contains(draft.Stream) ? null : draft.Stream),
            ("run", draft.Run),
            ("tool_call_id", draft.ToolCallId))),
        ("subject", draft.Subject),
        ("body", draft.Body.DeepClone()),
        ("commit", new JsonObject(openings.Select(o => KeyValuePair.Create(o.Pointer, (JsonNode?)Convert.ToHexStringLower(FieldCommitment.Of(context.Log, o.Receipt, o.Pointer, o.Salt.Span, o.Value.Span)))))),
        ("refs", List(draft.Refs, l => new JsonObject { ["rel"] = l.Rel, ["id"] = l.Id, ["leaf"] = l.Leaf })),
        ("masked", draft.Masked.Count == 0 ? null : List(draft.Masked, m => JsonValue.Create(m.Pointer))),
        ("masked_by", draft.Masked.Count == 0 ? null : List(draft.Masked, m => new JsonObject { ["pointer"] = m.Pointer, ["rules"] = List(m.Rules, r => JsonValue.Create(r)) })),
        ("policy", draft.Policy is { } policy
            ? new JsonObject { ["digest"] = policy.Digest, ["decision"] = policy.Decision, ["rules"] = List(policy.Rules, r => JsonValue.Create(r)) }
            : null),
        ("software", WithoutNulls(("version", context.SoftwareVersion), ("commit", context.SoftwareCommit))))
        .With("prev", context.Prev);

    private static JsonObject Actor(ReceiptActor actor) => new() { ["kind"] = ReceiptTypes.Name(actor.Kind), ["id"] = actor.Id, ["assurance"] = actor.Assurance };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode> node) => new([.. items.Select(node)]);

    private static JsonObject WithoutNulls(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var map = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null) map[name] = value;
        }
        return map;
    }

    /// <summary>The one member that is there even when it is null.</summary>
    private static JsonObject With(this JsonObject map, string name, JsonNode? value)
    {
        map[name] = value;
        return map;
    }
}
