using System.Security.Cryptography;

namespace Copilot.Simulator.Validation;

/// <summary>All pulled objects. Most are the same in every pull, so each distinct body is read once.</summary>
internal sealed class ObjectHistory
{
    public const string File = "k8s_objects_raw.tsv";

    private static readonly long BetweenPulls = 30 * TextTime.Second;

    private readonly Dictionary<UInt128, ObjectState?> _bodies = [];

    public List<ObjectRow> Rows { get; } = [];

    /// <summary>Rows of one object (by uid), in the order of the file.</summary>
    public Dictionary<string, List<ObjectRow>> ByUid { get; } = new(StringComparer.Ordinal);

    /// <summary>Each distinct body once, with the first row that has it.</summary>
    public List<ObjectRow> States { get; } = [];

    /// <summary>When each pull began.</summary>
    public List<long> Pulls { get; } = [];

    public bool IsRecorded { get; private set; }

    public ILookup<int, ObjectRow> ByPull => field ??= Rows.ToLookup(r => r.Pull);

    public static ObjectHistory Read(string directory, FormatRules format, RecordingTimes times, CancellationToken ct)
    {
        var history = new ObjectHistory();
        using var table = Table.Open(directory, File, LogColumns.Names, format, ct);
        if (table is null) return history;
        history.IsRecorded = true;
        var last = long.MinValue;
        while (table.Next())
        {
            LogColumns.Check(table, format);
            if (!format.Time(table[LogColumns.Timestamp], table.Place, "Timestamp", out var at)) continue;
            times.Recorded(File, at, table.Place);
            LogColumns.Second(table, at, format);
            if (last == long.MinValue || at - last > BetweenPulls) history.Pulls.Add(at);
            last = at;
            history.Add(table, at, format);
        }

        return history;
    }

    private void Add(Table table, long at, FormatRules format)
    {
        var body = table[LogColumns.Body];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, digest);
        var key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest);
        var isNew = !_bodies.TryGetValue(key, out var state);
        if (isNew)
        {
            using var document = JsonReading.Parse(body.ToArray());
            _bodies[key] = state = document is null ? null : ObjectState.Of(document.RootElement);
        }

        if (!format.Json.Holds(state is not null))
        {
            format.Json.Broken(table.Place, $"body {FormatRules.Show(table[LogColumns.Body])}");
            return;
        }

        LogColumns.Namespace(table, state!.Namespace, format);
        var row = new ObjectRow(state, at, Pulls.Count - 1, table.Place);
        Rows.Add(row);
        if (isNew) States.Add(row);
        if (state.Uid.Length == 0) return;
        if (!ByUid.TryGetValue(state.Uid, out var rows)) ByUid[state.Uid] = rows = [];
        rows.Add(row);
    }
}
