namespace Copilot.Simulator.Validation;

/// <summary>What any row of any file must keep to; checked while the files are read.</summary>
internal sealed class FormatRules
{
    public Rule Quoting { get; } = new("tsv-quoting", "Quotes stand only around whole fields and are doubled inside of them");

    public Rule Width { get; } = new("tsv-width", "Every row has as many fields as its header");

    public Rule Header { get; } = new("tsv-header", "Every file has the columns of its kind, in their order");

    public Rule Times { get; } = new("time-parses", "Every time is written as the format says");

    public Rule Json { get; } = new("json-parses", "Bodies of events and objects, and alert files, are JSON");

    public Rule Python { get; } = new("python-parses", "Attributes and tags are Python dictionaries, Events and Links are Python lists");

    public Rule Numbers { get; } = new("number-parses", "Values, durations, bounds and severity numbers are numbers");

    public Rule SpanIds { get; } = new("span-id-form", "Trace ids have 32 and span ids 16 hexadecimal digits");

    public Rule MetricColumns { get; } = new("metric-columns-agree", "Columns of a metric row say the same as its tags and its file's name");

    public Rule Seconds { get; } = new("timestamp-time-agrees", "TimestampTime is Timestamp cut to the second");

    public Rule Attributes { get; } = new("attributes-agree", "Attributes of event and object rows name the object's namespace and a kind of resource");

    public Rule Services { get; } = new("service-name-agrees", "ServiceName is the service.name of the resource");

    public Rule AlertFiles { get; } = new("alert-file-form", "Alert files have a name with their time, and the shape of their kind");

    public IEnumerable<Rule> All => [Quoting, Width, Header, Times, Json, Python, Numbers, Seconds, Attributes, Services, SpanIds, MetricColumns, AlertFiles];

    /// <summary>Reads a time; violations name what it is the time of.</summary>
    public bool Time(ReadOnlySpan<byte> text, Place place, string what, out long time)
    {
        if (Times.Holds(TextTime.TryParse(text, out time))) return true;
        Times.Broken(place, $"{what} '{Show(text)}'");
        return false;
    }

    public bool Time(string text, Place place, string what, out long time)
    {
        if (Times.Holds(TextTime.TryParse(text, out time))) return true;
        Times.Broken(place, $"{what} '{text}'");
        return false;
    }

    public void Dictionary(ReadOnlySpan<byte> text, Place place, string column)
    {
        if (!Python.Holds(PythonText.IsLiteral(text, '{'))) Python.Broken(place, $"{column} {Show(text)}");
    }

    public void List(ReadOnlySpan<byte> text, Place place, string column)
    {
        if (!Python.Holds(PythonText.IsLiteral(text, '['))) Python.Broken(place, $"{column} {Show(text)}");
    }

    public bool Number(ReadOnlySpan<byte> text, Place place, string column, out double number)
    {
        if (Numbers.Holds(TryNumber(text, out number))) return true;
        Numbers.Broken(place, $"{column} '{Show(text)}'");
        return false;
    }

    public void Service(string name, in Resource resource, Place place)
    {
        if (resource.Service.Length > 0 && !Services.Holds(name == resource.Service)) Services.Broken(place, $"ServiceName {name}, service.name {resource.Service}");
    }

    public static string Show(ReadOnlySpan<byte> text) =>
        text.Length <= 80 ? System.Text.Encoding.UTF8.GetString(text) : System.Text.Encoding.UTF8.GetString(text[..80]) + "...";

    private static bool TryNumber(ReadOnlySpan<byte> text, out double number)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(text, out number, out var used) && used == text.Length) return true;
        (var known, number) = true switch
        {
            _ when text.SequenceEqual("+Inf"u8) => (true, double.PositiveInfinity),
            _ when text.SequenceEqual("-Inf"u8) => (true, double.NegativeInfinity),
            _ when text.SequenceEqual("NaN"u8) => (true, double.NaN),
            _ => (false, 0),
        };
        return known;
    }
}
