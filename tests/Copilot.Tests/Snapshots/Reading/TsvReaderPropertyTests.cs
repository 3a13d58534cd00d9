using System.Text;
using Copilot.Engine.Snapshots.Reading;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Snapshots.Reading;

public sealed class TsvReaderPropertyTests
{
    private static readonly Gen<string> Field = Gen.OneOf(
        Gen.Const(""), Gen.String[Gen.Char["ab\t\n\r\"' ,é猫\0"], 0, 12], Gen.String[Gen.Char.AlphaNumeric, 0, 40], Gen.Int[0, 3000].Select(n => new string('x', n)));

    private static readonly Gen<string[][]> Table =
        from columns in Gen.Int[2, 6]
        from rows in Field.Array[columns].Array[0, 25]
        select rows;

    [Fact]
    public void Read_AnyQuotedTable_ComesBackExactly() =>
        Gen.Select(Table, Gen.Bool, Gen.Bool, Gen.UInt).Sample((rows, crlf, bom, seed) =>
        {
            var columns = rows.Length == 0 ? 3 : rows[0].Length;
            var (bytes, ranges) = Write([Enumerable.Range(0, columns).Select(i => $"c{i}").ToArray(), .. rows], crlf ? "\r\n" : "\n", bom);
            using var reader = new TsvReader(new DribblingStream(bytes, seed));
            Assert.Equal(columns, reader.Header.Count);
            for (var i = 0; i < rows.Length; i++)
            {
                Assert.True(reader.Read());
                Assert.Equal((RecordFault.None, i + 1L, ranges[i + 1].Start), (reader.Fault, reader.Record, reader.Offset));
                Assert.Equal(bytes[(int)ranges[i + 1].Start..(int)ranges[i + 1].End], reader.Raw.ToArray());
                for (var c = 0; c < columns; c++) Assert.Equal(rows[i][c], Encoding.UTF8.GetString(reader.Field(c)));
            }
            Assert.False(reader.Read());
        }, iter: 400);

    [Fact]
    public void Seek_AnyRecordOfAnyTable_FindsItAgain() =>
        Gen.Select(Table, Gen.UInt).Where(t => t.Item1.Length > 0).Sample((rows, seed) =>
        {
            var (bytes, ranges) = Write([new string[rows[0].Length].Select((_, i) => $"c{i}").ToArray(), .. rows], "\n", bom: false);
            var target = (int)(seed % rows.Length);
            using var reader = new TsvReader(new DribblingStream(bytes, seed));
            reader.Seek(ranges[target + 1].Start, target + 1);
            Assert.True(reader.Read());
            Assert.Equal((target + 1L, ranges[target + 1].Start), (reader.Record, reader.Offset));
            Assert.Equal(rows[target][^1], Encoding.UTF8.GetString(reader.Field(rows[0].Length - 1)));
        }, iter: 200);

    [Fact]
    public void Read_AnyGarbage_EndsTheSameWayWhateverTheChunks() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 2000], Gen.Char["ab\t\n\r\""].Array[0, 2000].Select(c => Encoding.UTF8.GetBytes(c))), Gen.UInt).Sample((bytes, seed) =>
        {
            var whole = Records(new MemoryStream(bytes));
            Assert.Equal(whole, Records(new DribblingStream(bytes, seed)));
            Assert.True(whole.Count <= bytes.Length);
        }, iter: 1000);

    private static List<(long, long, RecordFault, string)> Records(Stream stream)
    {
        using var reader = new TsvReader(stream);
        var records = new List<(long, long, RecordFault, string)>();
        while (reader.Read())
        {
            for (var i = 0; i <= reader.FieldCount; i++) _ = reader.Field(i).Length;
            records.Add((reader.Record, reader.Offset, reader.Fault, Convert.ToHexString(reader.Raw)));
        }
        return records;
    }

    /// <summary>Quotes what needs it, and an empty first field of a row that would else be a blank line.</summary>
    private static (byte[] Bytes, List<(long Start, long End)> Ranges) Write(string[][] rows, string newline, bool bom)
    {
        var bytes = new List<byte>(bom ? "\uFEFF"u8.ToArray() : []);
        var ranges = new List<(long, long)>();
        foreach (var row in rows)
        {
            var start = bytes.Count;
            bytes.AddRange(Encoding.UTF8.GetBytes(string.Join('\t', row.Select(f => f.AsSpan().ContainsAny("\t\n\r\"") ? $"\"{f.Replace("\"", "\"\"")}\"" : f))));
            ranges.Add((start, bytes.Count));
            bytes.AddRange(Encoding.UTF8.GetBytes(newline));
        }
        return ([.. bytes], ranges);
    }

    /// <summary>Gives a few bytes at a time, as a pipe or a network file system may.</summary>
    private sealed class DribblingStream(byte[] bytes, uint seed) : MemoryStream(bytes)
    {
        private uint _state = seed | 1;

        public override int Read(Span<byte> buffer)
        {
            _state = (_state * 1664525) + 1013904223;
            return base.Read(buffer[..Math.Min(buffer.Length, 1 + (int)((_state >> 16) % 700))]);
        }
    }
}
