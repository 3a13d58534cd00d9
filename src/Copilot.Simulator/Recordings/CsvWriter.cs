namespace Copilot.Simulator.Recordings;

/// <summary>Comma-separated rows; a field with a comma, a quote or a line break is quoted (RFC 4180), lines end with a line feed.</summary>
internal sealed class CsvWriter(TextWriter output) : IDisposable
{
    /// <param name="path">Must not exist yet; its folder is created.</param>
    /// <param name="header">The first line as it stands in the file.</param>
    public static CsvWriter Create(string path, string header)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16));
        file.Write(header);
        file.Write('\n');
        return new CsvWriter(file);
    }

    public void Row(params ReadOnlySpan<string> fields) => Append(output, fields);

    public static void Append(TextWriter output, ReadOnlySpan<string> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0) output.Write(',');
            Field(output, fields[i]);
        }

        output.Write('\n');
    }

    public void Dispose() => output.Dispose();

    /// <summary>A number as pandas prints it, with a decimal point always; nothing for one that is not known.</summary>
    public static string Float(double? value)
    {
        if (value is not { } known || double.IsNaN(known)) return "";
        var text = $"{known:R}";
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static void Field(TextWriter output, string value)
    {
        if (value.AsSpan().IndexOfAny(",\"\n\r") < 0)
        {
            output.Write(value);
            return;
        }

        output.Write('"');
        output.Write(value.Replace("\"", "\"\"", StringComparison.Ordinal));
        output.Write('"');
    }
}
