using System.Text;

namespace Copilot.Simulator.Recordings;

/// <summary>Tab-separated rows with CSV quoting, and a count of the bytes written.</summary>
internal sealed class TsvWriter : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly FileStream _stream;
    private readonly StreamWriter _writer;

    public TsvWriter(string path, string header)
    {
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        _writer = new StreamWriter(_stream, Utf8, 1 << 16) { NewLine = "\n" };
        _writer.WriteLine(header.Replace(' ', '\t'));
    }

    public void Row(params ReadOnlySpan<string> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0) _writer.Write('\t');
            Field(fields[i]);
        }

        _writer.Write('\n');
    }

    public void Dispose() => _writer.Dispose();

    private void Field(string value)
    {
        if (value.AsSpan().IndexOfAny("\"\t\n\r") < 0)
        {
            _writer.Write(value);
            return;
        }

        _writer.Write('"');
        _writer.Write(value.Replace("\"", "\"\"", StringComparison.Ordinal));
        _writer.Write('"');
    }
}
