using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Engine.Signals;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>
/// The one way to read a source: a receipt of the intent is durable before anything is opened, and a receipt of the outcome before anything is concluded
/// from it. Without a receipt there is no reading. An architecture test holds that nothing else opens a snapshot.
/// </summary>
/// <param name="recorder">Keeps the receipts.</param>
/// <param name="stream">The incident's id, or <c>reads</c> for what belongs to none.</param>
/// <param name="run">The investigation or command, a ULID.</param>
/// <param name="onBehalfOf">The person who asked; null when nobody did.</param>
public sealed class RecordedReads(IReceiptRecorder recorder, string stream, string run, ReceiptActor? onBehalfOf)
{
    private int _calls;

    public string Run => run;

    public string Stream => stream;

    public ReceiptActor? OnBehalfOf => onBehalfOf;

    /// <summary>The receipts from the first to the last that was recorded here; null before the first.</summary>
    public ReceiptRange? Range { get; private set; }

    /// <summary>The receipt of the last opening of single records; null before the first.</summary>
    public ReceiptRef? LastReading { get; private set; }

    /// <summary>Opens a snapshot.</summary>
    public OpenedSnapshot Open(string name, Func<OpenedSnapshot> open) => Recorded("snapshot.open", "snapshot", name, new(), open, opened => opened switch
    {
        OpenedSnapshot.Ready ready => Counts("ok", ready.Snapshot.Files.Count, ready.Snapshot.Files.Sum(f => f.Length), null, ready.Snapshot.Gaps.Count),
        _ => Counts("refused", null, null, null, null),
    });

    /// <summary>Writes a snapshot in another layout, which reads all of it.</summary>
    public ExportResult Export(Snapshot snapshot, string output, CancellationToken cancellation) =>
        Recorded("snapshot.export", "snapshot", snapshot.Name, Sizes(snapshot.Files), () => SnapshotExport.ToItBench(snapshot, output, cancellation), result => result switch
        {
            ExportResult.Done done => Counts(done.LeftOut == 0 ? "ok" : "partial", done.Files, null, null, null),
            _ => Counts("refused", null, null, null, null),
        });

    /// <summary>Reads all sources of a snapshot: one intent and one result for each source that is there.</summary>
    /// <param name="gate">Decides which of them; null where no policy has a say in it. What it keeps closed is a gap of the signals.</param>
    public ExtractedSignals Extract(Snapshot snapshot, ReadGate? gate, int parallelism, Action<long>? advanced, CancellationToken cancellation)
    {
        var sources = snapshot.Files.GroupBy(f => f.Source).OrderBy(g => g.Key).ToList();
        if (sources.Count == 0) return SignalExtraction.Extract(snapshot, parallelism, advanced, cancellation);
        var calls = sources.ConvertAll(_ => NextCall());
        var decisions = sources.ConvertAll(s => gate?.Decide(s.Key, s.Sum(f => f.Length)));
        var intents = Append([.. sources.Select((s, i) => Draft(ReceiptType.ToolIntent, "snapshot.read", Name(s.Key), snapshot.Name, calls[i], Sizes([.. s]), []) is var intent && decisions[i] is { } decision ? gate!.Record(intent, decision) : intent)]);
        var refused = Enumerable.Range(0, sources.Count).ToLookup(i => decisions[i] is { Effect: not PolicyEffect.Allow });
        var (closed, open) = (refused[true].ToList(), refused[false].ToList());
        if (closed.Count > 0) Append([.. closed.Select(i => Result(i, Counts("refused", null, null, null, null)))]);
        snapshot = snapshot.Without([.. closed.Select(i => ReadGate.Closed(sources[i].Key, decisions[i]!))]);
        using var span = Tracing.Tool("snapshot.read", string.Join(',', open.Select(i => Name(sources[i].Key))), string.Join(',', open.Select(i => calls[i])));
        ExtractedSignals extracted;
        try
        {
            extracted = span.Within(() => SignalExtraction.Extract(snapshot, parallelism, advanced, cancellation));
        }
        catch (Exception e)
        {
            Append([.. open.Select(i => Result(i, Counts(Failure(e), null, null, null, null)))]);
            throw;
        }
        Append([.. open.Select(i => Result(i, extracted.Signals.Coverage.FirstOrDefault(c => c.Source == sources[i].Key) is { } c
            ? Counts(Outcome(c.State), c.Files, c.Bytes, c.Records, extracted.Signals.Gaps.Count(g => g.Source == sources[i].Key))
            : Counts("ok", sources[i].Count(), sources[i].Sum(f => f.Length), null, null)))]);
        return extracted;

        ReceiptDraft Result(int i, JsonObject counts) => Draft(ReceiptType.ToolResult, "snapshot.read", Name(sources[i].Key), snapshot.Name, calls[i], counts, [new("intent", intents[i].Id, intents[i].Leaf)]);
    }

    /// <summary>Opens single records. Each one found carries the id of the receipt that lists it with its digest.</summary>
    public IReadOnlyDictionary<RecordAddress, OpenedRecord> Records(Snapshot snapshot, RecordIndex index, IReadOnlyCollection<RecordAddress> addresses, CancellationToken cancellation)
    {
        if (addresses.Count == 0) return new Dictionary<RecordAddress, OpenedRecord>();
        var asked = new CommittedValue("/body/arguments", new JsonArray([.. addresses.Select(a => (JsonNode)a.ToString())]));
        var found = Recorded("snapshot.records", "snapshot", snapshot.Name, new() { ["records"] = addresses.Count }, () => index.Open(addresses, cancellation), opened =>
        {
            var counts = Counts(opened.Count == addresses.Count ? "ok" : "partial", null, null, opened.Count, null);
            counts["opened"] = new JsonArray([.. opened.Values.OrderBy(r => r.Address).Select(r => (JsonNode)new JsonObject { ["address"] = r.Address.ToString(), ["digest"] = r.Digest })]);
            return counts;
        }, receipt => LastReading = receipt, asked, Result);
        return found.ToDictionary(r => r.Key, r => new OpenedRecord(r.Value.Digest, r.Value.Bytes, LastReading!.Id));
    }

    /// <summary>Looks at a watched system as it is now.</summary>
    /// <param name="tool">What is looked at.</param>
    /// <param name="record">Adds to the intent what policy said to it.</param>
    /// <param name="asked">What is asked, for the record.</param>
    /// <param name="answered">How it went, in the words of results, and what was answered.</param>
    public T Look<T>(string tool, string subject, Func<ReceiptDraft, ReceiptDraft> record, JsonNode asked, Func<T> look, Func<T, (string Outcome, JsonNode Answer)> answered) => Recorded(
        tool, "objects", subject, new(), look, done => Counts(answered(done).Outcome, null, null, null, null), asked: new("/body/arguments", asked), answered: done => new("/body/result", answered(done).Answer), record: record);

    /// <summary>Records what is no reading: conclusions, plans, decisions.</summary>
    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts)
    {
        var receipts = recorder.Append(drafts);
        if (receipts.Count > 0) Range = new(recorder.Log, stream, Range?.From ?? receipts[0].Seq, receipts[^1].Seq);
        return receipts;
    }

    /// <summary>A draft in this stream and run.</summary>
    public ReceiptDraft Draft(ReceiptType type, string subject, JsonObject body, IReadOnlyList<ReceiptLink> refs) =>
        new(type, stream, subject, body) { OnBehalfOf = onBehalfOf, Run = run, Refs = refs };

    private ReceiptDraft Draft(ReceiptType type, string tool, string source, string subject, string call, JsonObject body, IReadOnlyList<ReceiptLink> refs)
    {
        body["tool"] = tool;
        body["source"] = source;
        return Draft(type, subject, body, refs) with { ToolCallId = call };
    }

    private T Recorded<T>(string tool, string source, string subject, JsonObject intended, Func<T> work, Func<T, JsonObject> outcome, Action<ReceiptRef>? recorded = null, CommittedValue? asked = null, Func<T, CommittedValue>? answered = null, Func<ReceiptDraft, ReceiptDraft>? record = null)
    {
        var call = NextCall();
        using var span = Tracing.Tool(tool, source, call);
        var drafted = Draft(ReceiptType.ToolIntent, tool, source, subject, call, intended, []) with { Committed = asked is null ? [] : [asked] };
        var intent = Append([record is null ? drafted : record(drafted)])[0];
        T done;
        try
        {
            done = span.Within(work);
        }
        catch (Exception e)
        {
            Append([Draft(ReceiptType.ToolResult, tool, source, subject, call, Counts(Failure(e), null, null, null, null), [new("intent", intent.Id, intent.Leaf)])]);
            throw;
        }
        var result = Append([Draft(ReceiptType.ToolResult, tool, source, subject, call, outcome(done), [new("intent", intent.Id, intent.Leaf)]) with { Committed = answered is null ? [] : [answered(done)] }])[0];
        recorded?.Invoke(result);
        return done;
    }

    /// <summary>The records themselves: what a conclusion rests on stays readable when the source has long forgotten it.</summary>
    private static CommittedValue Result(IReadOnlyDictionary<RecordAddress, RecordContent> opened) =>
        new("/body/result", new JsonArray([.. opened.Values.OrderBy(r => r.Address).Select(r => (JsonNode)new JsonObject { ["address"] = r.Address.ToString(), ["text"] = Encoding.UTF8.GetString(r.Bytes) })]));

    private string NextCall() => Interlocked.Increment(ref _calls).ToString(CultureInfo.InvariantCulture);

    private static JsonObject Sizes(IReadOnlyCollection<SnapshotFile> files) => new() { ["files"] = files.Count, ["bytes"] = files.Sum(f => f.Length) };

    private static JsonObject Counts(string outcome, int? files, long? bytes, long? records, int? gaps)
    {
        var counts = new JsonObject { ["outcome"] = outcome };
        if (files is not null) counts["files"] = files;
        if (bytes is not null) counts["bytes"] = bytes;
        if (records is not null) counts["records"] = records;
        if (gaps is not null) counts["gaps"] = gaps;
        return counts;
    }

    private static string Outcome(SourceState state) => state switch { SourceState.Complete => "ok", SourceState.Empty => "empty", SourceState.Partial => "partial", _ => "unavailable" };

    private static string Failure(Exception e) => e is OperationCanceledException ? "interrupted" : "failed";

    private static string Name(EvidenceSource source) => PolicyRead.NameOf(source);
}
