using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>Writes the evidence of one case of RCAEval: what lies in the window around the injection.</summary>
internal static class RcaEvalEvidence
{
    public const string LogFile = "logs.csv";
    public const string TraceFile = "traces.csv";

    /// <summary>Without which a row says nothing; one of several names is enough.</summary>
    public static readonly string[] LogColumns = ["timestamp", "container_name", "message"];

    /// <inheritdoc cref="LogColumns"/>
    public static readonly string[] TraceColumns = ["traceID", "spanID", "parentSpanID", "serviceName", "startTime|startTimeMillis", "duration"];

    private const long Microsecond = 1000;

    /// <param name="place">The folder of the case.</param>
    /// <param name="metrics">The file with metrics to use, of whose header the columns are.</param>
    /// <param name="ns">What stands for the namespace, which the data do not tell.</param>
    /// <param name="injected">Nanoseconds since 1970.</param>
    /// <param name="target">The folder to write to.</param>
    public static void Write(
        string place, string metrics, List<RcaEvalColumn> columns, string ns, long injected, string target, Action<string>? notice, CancellationToken cancellation)
    {
        var side = RcaEvalImporter.Side.Ticks * 100;
        var sink = new Sink(injected - side, injected + side, ns, columns.Select(c => c.Service).ToHashSet(StringComparer.Ordinal), notice, cancellation);
        using var evidence = new ImportedEvidence(target);
        Metrics(metrics, columns, sink, evidence);
        Logs(Path.Combine(place, LogFile), sink, evidence);
        Traces(Path.Combine(place, TraceFile), sink, evidence);
        evidence.Complete();
    }

    private static void Metrics(string path, List<RcaEvalColumn> columns, Sink sink, ImportedEvidence evidence)
    {
        using var rows = new CsvRows(path);
        var series = Series.Of(columns, sink.Namespace);
        var time = rows.Column("time");
        var faults = new RowFaults(path);
        var (previous, any) = (0L, false);
        while (rows.Read())
        {
            sink.Cancellation.ThrowIfCancellationRequested();
            if (!Cells.TryTime(rows[time], out var at)) faults.Add(rows.Line, $"\"{rows[time]}\" is no time");
            else if (any && at <= previous) faults.Add(rows.Line, "not later than the row before");
            else if (at >= sink.From && at < sink.To)
            {
                foreach (var s in series) s.Write(rows, at, any ? (at - previous) / 1e9 : 0, evidence);
                (previous, any) = (at, true);
            }
        }
        faults.Tell(sink.Notice);
        if (any) return;
        throw new FileFaultException(
            $"{path}: no sample within {RcaEvalImporter.Side.TotalMinutes:0} minutes of the injection. inject_time.txt beside it belongs to another case, or the file was cut: "
            + "take both from the data set's archive again.");
    }

    private static void Logs(string path, Sink sink, ImportedEvidence evidence)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0) return;
        using var rows = new CsvRows(path);
        var (time, container, message) = (rows.Column("timestamp"), rows.Column("container_name"), rows.Column("message"));
        var (level, request, error) = (rows.Column("level"), rows.Column("req_path"), rows.Column("error"));
        var faults = new RowFaults(path);
        while (rows.Read())
        {
            sink.Cancellation.ThrowIfCancellationRequested();
            if (rows.Cut || !Cells.TryTime(rows[time], out var at))
            {
                faults.Add(rows.Line, rows.Cut ? "the file ends inside a quoted field" : $"\"{rows[time]}\" is no time");
                continue;
            }
            if (at < sink.From || at >= sink.To) continue;
            var body = Text(rows[message]);
            // Of structured lines the authors took the error out into a column of its own.
            if (Text(rows[error]) is { Length: > 0 } cause && !body.Contains(cause, StringComparison.Ordinal)) body = body.Length == 0 ? cause : $"{body}: {cause}";
            if (body.Length == 0) continue;
            var service = sink.Service(rows[container].ToString());
            evidence.Log(at, service, Text(rows[level]), body, sink.Resource(service), ImportedEvidence.Dict(("http.target", Text(rows[request]))));
        }
        faults.Tell(sink.Notice);

        static string Text(ReadOnlySpan<char> field) => Cells.IsNothing(field) ? "" : field.ToString();
    }

    private static void Traces(string path, Sink sink, ImportedEvidence evidence)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0) return;
        var roles = new SpanRoles();
        Spans(path, sink, tellsFaults: false, (rows, c, _) => roles.Add(rows[c.Trace], rows[c.Span], rows[c.Parent], sink.Service(rows[c.Service].ToString()), c.Name(rows)));
        foreach (var (caller, callee) in roles.Seal()) evidence.Calls(caller, callee);
        Spans(path, sink, tellsFaults: true, (rows, c, at) =>
        {
            var service = sink.Service(rows[c.Service].ToString());
            var name = c.Name(rows);
            Cells.TryNumber(rows[c.Duration], out var duration);
            evidence.Span(new(
                at, (long)(duration * Microsecond), rows[c.Trace].ToString(), rows[c.Span].ToString(), Cells.IsNothing(rows[c.Parent]) ? "" : rows[c.Parent].ToString(), name,
                roles.KindOf(rows[c.Trace], rows[c.Span], rows[c.Parent], service, name), service, sink.Resource(service), "{}", Cells.IsFailure(rows[c.Status])));
        });
    }

    private static void Spans(string path, Sink sink, bool tellsFaults, Action<CsvRows, SpanColumns, long> accept)
    {
        using var rows = new CsvRows(path);
        var columns = new SpanColumns(rows);
        var faults = new RowFaults(path);
        while (rows.Read())
        {
            sink.Cancellation.ThrowIfCancellationRequested();
            if (rows.Cut || !Cells.TryTime(rows[columns.Start], out var at) || !Cells.TryNumber(rows[columns.Duration], out var duration) || duration < 0)
                faults.Add(rows.Line, rows.Cut ? "the file ends inside a quoted field" : "a start or a duration that is none");
            else if (at >= sink.From && at < sink.To && !rows[columns.Service].IsEmpty) accept(rows, columns, at);
        }
        if (tellsFaults) faults.Tell(sink.Notice);
    }

    private sealed class SpanColumns(CsvRows rows)
    {
        public readonly int Trace = rows.Column("traceID"), Span = rows.Column("spanID"), Parent = rows.Column("parentSpanID"), Service = rows.Column("serviceName"),
            Operation = rows.Column("operationName"), Method = rows.Column("methodName"), Duration = rows.Column("duration"), Status = rows.Column("statusCode"),
            Start = rows.Column("startTime") is >= 0 and var start ? start : rows.Column("startTimeMillis");

        public string Name(CsvRows rows) => (Cells.IsNothing(rows[Operation]) ? rows[Method] : rows[Operation]).ToString();
    }

    /// <summary>What the parts of one case share.</summary>
    private sealed class Sink(long from, long to, string ns, HashSet<string> owners, Action<string>? notice, CancellationToken cancellation)
    {
        private readonly Dictionary<string, string> _resources = [];

        public long From => from;

        public long To => to;

        public string Namespace => ns;

        public Action<string>? Notice => notice;

        public CancellationToken Cancellation => cancellation;

        /// <summary>The name that the metrics have for a service, where they know it under one of its spellings.</summary>
        public string Service(string name) => owners.Contains(name) ? name : RcaEvalDataset.Spellings(name).FirstOrDefault(owners.Contains) ?? name;

        /// <summary>Each service is a Deployment of its name in the three applications.</summary>
        public string Resource(string service)
        {
            if (!_resources.TryGetValue(service, out var resource))
                _resources[service] = resource = ImportedEvidence.Dict(("k8s.namespace.name", ns), ("k8s.deployment.name", service), ("service.name", service));
            return resource;
        }
    }

    /// <summary>One series of the evidence, made of one or two columns.</summary>
    private sealed class Series
    {
        private readonly RcaEvalColumn _column;
        private readonly RcaEvalColumn? _minus;
        private readonly string _namespace;
        private readonly string _metric;
        private readonly string _tags;
        private readonly double _scale;
        private double _total;

        private Series(RcaEvalColumn column, RcaEvalColumn? minus, string ns, string metric, double scale, string tags) =>
            (_column, _minus, _namespace, _metric, _scale, _tags) = (column, minus, ns, metric, scale, tags);

        private bool IsOfPod => _column.Meaning is RcaEvalMeaning.Cpu or RcaEvalMeaning.Memory;

        public static List<Series> Of(List<RcaEvalColumn> columns, string ns)
        {
            var errors = columns.Where(c => c.Meaning == RcaEvalMeaning.Errors).ToDictionary(c => c.Service);
            return [.. columns.Select(c => One(c, errors.GetValueOrDefault(c.Service), ns))];
        }

        private static Series One(RcaEvalColumn c, RcaEvalColumn? errors, string ns)
        {
            var pod = ImportedEvidence.Dict(("container", c.Service), ("namespace", ns), ("pod", c.Service));
            return c.Meaning switch
            {
                RcaEvalMeaning.Cpu => new(c, null, ns, "container_cpu_usage_seconds_total", 0.01, pod),
                RcaEvalMeaning.Memory => new(c, null, ns, "container_memory_working_set_bytes", 1, pod),
                RcaEvalMeaning.Requests => new(c, errors, ns, "service_requests_total", 1, Tags(("code", "200"))),
                RcaEvalMeaning.Errors => new(c, null, ns, "service_requests_total", 1, Tags(("code", "500"))),
                RcaEvalMeaning.Latency => new(c, null, ns, "service_request_duration_seconds", 1, Tags(("quantile", c.Quantile))),
                _ => new(c, null, ns, c.Metric, 1, Tags(("metric", c.Metric))),
            };

            string Tags((string, string) pair) => ImportedEvidence.Dict(pair, ("service_name", c.Service));
        }

        /// <summary>Writes the sample of a row, where it has one. Rates become counters: what they say of the time since the row before is added up.</summary>
        public void Write(CsvRows rows, long at, double seconds, ImportedEvidence evidence)
        {
            if (!Cells.TryNumber(rows[_column.Index], out var value)) return;
            if (_minus is not null && Cells.TryNumber(rows[_minus.Index], out var failed)) value = Math.Max(0, value - failed);
            value *= _scale;
            if (_column.Meaning is RcaEvalMeaning.Cpu or RcaEvalMeaning.Requests or RcaEvalMeaning.Errors) value = _total += Math.Max(0, value) * seconds;
            if (IsOfPod) evidence.OfPod(_column.Service, _namespace, _metric, at, value, _tags);
            else evidence.OfService(_column.Service, _namespace, _metric, at, value, _tags);
        }
    }
}
