using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Copilot.Simulator.Validation;

/// <summary>Numbers distinct texts from 0 in the order they are met, without making a string of each occurrence.</summary>
internal sealed class ByteTable
{
    private readonly List<byte[]> _keys = [];
    private readonly List<string> _texts = [];
    private readonly List<ulong> _hashes = [];
    private int[] _slots = new int[64];
    private int _last = -1;

    public int Count => _keys.Count;

    public string Text(int id) => _texts[id];

    /// <summary>Rows that follow each other often repeat a text, so the last one is tried first.</summary>
    public int IdOf(ReadOnlySpan<byte> key)
    {
        if (_last >= 0 && key.SequenceEqual(_keys[_last])) return _last;
        var hash = Hash(key);
        var slot = Slot(key, hash);
        if (_slots[slot] > 0) return _last = _slots[slot] - 1;
        _keys.Add(key.ToArray());
        _texts.Add(Encoding.UTF8.GetString(key));
        _hashes.Add(hash);
        _slots[slot] = _keys.Count;
        if (_keys.Count * 2 > _slots.Length) Grow();
        return _last = _keys.Count - 1;
    }

    private int Slot(ReadOnlySpan<byte> key, ulong hash)
    {
        var mask = _slots.Length - 1;
        for (var slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            var id = _slots[slot] - 1;
            if (id < 0 || (_hashes[id] == hash && key.SequenceEqual(_keys[id]))) return slot;
        }
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        var mask = _slots.Length - 1;
        for (var id = 0; id < _keys.Count; id++)
        {
            var slot = (int)_hashes[id] & mask;
            while (_slots[slot] > 0) slot = (slot + 1) & mask;
            _slots[slot] = id + 1;
        }
    }

    private static ulong Hash(ReadOnlySpan<byte> key)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        var hash = (ulong)key.Length * Prime;
        for (; key.Length >= 8; key = key[8..]) hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key)) * Prime, 29);
        foreach (var rest in key) hash = BitOperations.RotateLeft((hash ^ rest) * Prime, 29);
        hash *= Prime;
        return hash ^ (hash >> 32);
    }
}
