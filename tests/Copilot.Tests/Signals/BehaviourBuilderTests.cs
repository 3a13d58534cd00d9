using System.Globalization;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Signals;

/// <summary>What services do on their requests, from spans and the log lines that carry their ids.</summary>
public sealed class BehaviourBuilderTests : IDisposable
{
    private const string SpanHeader = "Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanName\tSpanKind\tServiceName\tSpanAttributes\tDuration\tStatusCode";
    private const string LogHeader = "Timestamp\tTraceId\tSpanId\tSeverityText\tServiceName\tBody";

    private readonly SignalTables _tables = new();
    private readonly List<string> _spans = [];
    private readonly List<string> _lines = [];

    public void Dispose() => _tables.Dispose();

    private static string At(int trace, int milliseconds) => SignalTables.Start.AddSeconds(30 * trace).AddMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private void Span(int trace, string id, string parent, string name, string kind, string service, string attributes = "{}", bool failed = false) => _spans.Add(
        $"{At(trace, _spans.Count % 50)}\tt{trace}\t{id}\t{parent}\t{name}\t{kind}\t{service}\t{attributes}\t9000000\t{(failed ? "Error" : "Unset")}");

    private void Line(int trace, string span, string service, string body, string severity = "INFO") => _lines.Add($"{At(trace, 5)}\t{(span.Length > 0 ? $"t{trace}" : "")}\t{span}\t{severity}\t{service}\t{body}");

    /// <summary>A purchase: the shop works out a price, asks the bank and a data base without spans, and logs within its work.</summary>
    private void Purchase(int trace, bool failed = false)
    {
        Span(trace, "a", "", "POST /buy", "Server", "shop", failed: failed);
        Span(trace, "b", "a", "price", "Internal", "shop");
        Span(trace, "c", "b", "HTTP POST", "Client", "shop");
        Span(trace, "d", "c", "charge", "Server", "bank");
        Span(trace, "e", "a", "select", "Client", "shop", "{'server.address': 'db.shop.svc:5432'}");
        Line(trace, "b", "shop", $"price of order {trace} found");
        Line(trace, "d", "bank", $"charged order {trace}");
        if (failed) Line(trace, "a", "shop", $"order {trace} went wrong", "ERROR");
    }

    private IReadOnlyList<OperationBehaviour> Read()
    {
        Write("otel_traces_raw.tsv", SpanHeader, _spans);
        Write("otel_logs_raw.tsv", LogHeader, _lines);
        return _tables.Read().Behaviours;
    }

    private void Write(string file, string header, IEnumerable<string> rows) => _tables.File(file, string.Join('\n', rows.Prepend(header)) + "\n");

    private static string Name(BehaviourEvent e) => $"{e.Kind} {e.Text}".Trim() + (e.Problem ? "!" : "");

    /// <summary>All that is told but for the addresses: which events, which combinations of them and how often they occur when.</summary>
    private static IEnumerable<string> Describe(IEnumerable<OperationBehaviour> behaviours) =>
        from b in behaviours
        from part in new[] { $"{b.Service} {b.Operation}: {string.Join(", ", b.Events.Select(Name))}" }.Concat(b.Variants.Select(v =>
            $"{string.Join(", ", v.Events.Select(e => Name(b.Events[e])))}: {string.Join(' ', v.Weights.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Step}={w.Weight:0.###}")))} {string.Join(' ', v.Examples.Select(e => e.At.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)))}"))
        select part;

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Order(StringComparer.Ordinal);

    [Fact]
    public void Read_Request_HoldsItsWorkCallsMessagesAndFailure()
    {
        for (var i = 0; i < 12; i++) Purchase(i, failed: i >= 8);
        var behaviours = Read();
        Assert.Equal([("bank", "charge"), ("shop", "POST /buy")], behaviours.Select(b => (b.Service, b.Operation)));
        Assert.Equal(["Message charged order <*>"], behaviours[0].Events.Select(Name));
        string[] always = ["Call bank charge", "Call db select", "Message price of order <*> found", "Work price"];
        Assert.Equal(Sorted([.. always, "Failure!", "Message order <*> went wrong!"]), Sorted(behaviours[1].Events.Select(Name)));
        Assert.Equal([(8.0, 4), (4.0, 6)], behaviours[1].Variants.Select(v => (v.Weights.Sum(w => w.Weight), v.Events.Count)));
        Assert.Equal(Sorted(always), Sorted(behaviours[1].Variants[0].Events.Select(e => Name(behaviours[1].Events[e]))));
    }

    /// <summary>A line belongs to the request that its span works for, whichever span of it that is; others belong to none.</summary>
    [Theory]
    [InlineData("a", "shop POST /buy")]
    [InlineData("b", "shop POST /buy")]
    [InlineData("c", "shop POST /buy")]
    [InlineData("d", "bank charge")]
    [InlineData("nobody's", "")]
    [InlineData("", "")]
    public void Read_Line_BelongsToTheRequestOfItsSpan(string span, string request)
    {
        for (var i = 0; i < 8; i++)
        {
            Purchase(i);
            Line(i, span, "shop", "seen by chance");
        }
        Assert.Equal(request.Length == 0 ? [] : [request], Read().Where(b => b.Events.Any(e => e.Text == "seen by chance")).Select(b => $"{b.Service} {b.Operation}"));
    }

    [Fact]
    public void Read_Examples_AreRecordsOfTheEventAndOfTheRequest()
    {
        for (var i = 0; i < 8; i++) Purchase(i);
        var shop = Read().Single(b => b.Service == "shop");
        // Of two minutes or so there is one line, and each purchase has five spans and two lines.
        Assert.All(shop.Events.Single(e => e.Kind == BehaviourEventKind.Message).Examples, e => Assert.Equal(("otel_logs_raw.tsv", 1L), (e.Address.File, e.Address.Record % 2)));
        Assert.NotEmpty(shop.Events.Single(e => e.Kind == BehaviourEventKind.Message).Examples);
        Assert.All(Assert.Single(shop.Variants).Examples, e => Assert.Equal(("otel_traces_raw.tsv", 1L), (e.Address.File, e.Address.Record % 5)));
        Assert.Equal(SignalTables.Start, shop.Variants[0].Examples[0].At);
    }

    /// <summary>What a trace asks four times is no four observations.</summary>
    [Theory]
    [InlineData(12, true)]
    [InlineData(6, true)]
    [InlineData(5, false)]
    public void Read_RequestsOfOneTrace_WeighOneTogether(int traces, bool isEnough)
    {
        for (var i = 0; i < traces; i++)
        {
            Span(i, "a", "", "GET /list", "Server", "shop");
            for (var k = 0; k < 4; k++)
            {
                Span(i, $"c{k}", "a", "GET", "Client", "shop");
                Span(i, $"s{k}", $"c{k}", "stock of", "Server", "stock");
            }
            Line(i, "s2", "stock", "sold out");
        }
        var stock = Read().SingleOrDefault(b => b.Service == "stock");
        Assert.Equal(isEnough, stock is not null);
        if (stock is null) return;
        Assert.Equal([(0.75 * traces, 0), (0.25 * traces, 1)], stock.Variants.Select(v => (v.Weights.Sum(w => w.Weight), v.Events.Count)));
        Assert.All(stock.Variants[1].Weights, w => Assert.Equal(0.25, w.Weight));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public void Read_OrderOfRowsAndFiles_ChangesNothing(int spanFiles, int logFiles)
    {
        for (var i = 0; i < 40; i++)
        {
            Purchase(i, failed: i % 7 == 6);
            // One place in the code writes lines of several lengths.
            Line(i, "a", "shop", i % 2 == 0 ? $"main.go:45 order {i} is stored" : $"main.go:45 order {i} is stored again after {i} ms");
        }
        var expected = Describe(Read()).ToList();
        Assert.Equal(2, expected.Count(l => l.StartsWith("shop", StringComparison.Ordinal) || l.StartsWith("bank", StringComparison.Ordinal)));
        var random = new Random(spanFiles + (10 * logFiles));
        using var other = new SignalTables();
        Scatter("otel_traces", SpanHeader, _spans, spanFiles);
        Scatter("otel_logs", LogHeader, _lines, logFiles);
        Assert.Equal(expected, Describe(other.Read().Behaviours));

        void Scatter(string stem, string header, List<string> rows, int files)
        {
            var shuffled = rows.ToArray();
            random.Shuffle(shuffled);
            for (var f = 0; f < files; f++) other.File($"{stem}_{f}.tsv", string.Join('\n', shuffled.Where((_, i) => i % files == f).Prepend(header)) + "\n");
        }
    }
}
