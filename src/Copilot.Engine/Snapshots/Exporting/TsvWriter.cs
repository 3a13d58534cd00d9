using System.Buffers;
using System.Text;
using Copilot.Engine.Snapshots.Archives;

namespace Copilot.Engine.Snapshots.Exporting;

/// <summary>Writes tab-separated records with CSV quoting, as <see cref="Reading.TsvReader"/> reads them.</summary>
internal sealed class TsvWriter : IDisposable
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("\t\n\r\""u8);

    private readonly BufferedStream _stream;
    private readonly string[] _columns;

    public TsvWriter(string path, IEnumerable<string> columns)
    {
        _stream = new(PrivateFiles.Open(path, FileMode.CreateNew, FileShare.None), 1 << 20);
        _columns = [.. columns];
        Write(c => Encoding.UTF8.GetBytes(c));
    }

    /// <summary>Writes one record.</summary>
    /// <param name="field">The bytes of the column's field; they are used before the next call.</param>
    public void Write(FieldOf field)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if (i > 0) _stream.WriteByte((byte)'\t');
            Write(field(_columns[i]));
        }
        _stream.WriteByte((byte)'\n');
    }

    public void Dispose() => _stream.Dispose();

    private void Write(ReadOnlySpan<byte> field)
    {
        if (!field.ContainsAny(Special))
        {
            _stream.Write(field);
            return;
        }
        _stream.WriteByte((byte)'"');
        for (int quote; (quote = field.IndexOf((byte)'"')) >= 0; field = field[(quote + 1)..])
        {
            _stream.Write(field[..(quote + 1)]);
            _stream.WriteByte((byte)'"');
        }
        _stream.Write(field);
        _stream.WriteByte((byte)'"');
    }
}

/// <summary>Gives the bytes of a column's field.</summary>
internal delegate ReadOnlySpan<byte> FieldOf(string column);
