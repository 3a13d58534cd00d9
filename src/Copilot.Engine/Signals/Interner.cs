using System.IO.Hashing;
using System.Text;

namespace Copilot.Engine.Signals;

/// <summary>Gives equal byte strings the same small number. Keyed by a 64-bit hash: among a million strings a collision has odds of 1 in 40 million.</summary>
internal sealed class Interner
{
    private readonly Dictionary<ulong, int> _ids = [];
    private readonly List<string> _texts = [];

    public int Count => _texts.Count;

    public string this[int id] => id < 0 ? "" : _texts[id];

    public int Id(ReadOnlySpan<byte> bytes, out bool isNew)
    {
        var hash = XxHash3.HashToUInt64(bytes);
        isNew = !_ids.TryGetValue(hash, out var id);
        if (!isNew) return id;
        _ids[hash] = id = _texts.Count;
        _texts.Add(Encoding.UTF8.GetString(bytes));
        return id;
    }

    public int Id(ReadOnlySpan<byte> bytes) => Id(bytes, out _);

    public int Id(string text) => Id(Encoding.UTF8.GetBytes(text));
}
