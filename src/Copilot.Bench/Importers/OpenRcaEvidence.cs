using System.Text.RegularExpressions;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>Writes the evidence of one question of OpenRCA: what the files of its days hold of its window. Every file is read through, and a row at a time.</summary>
internal sealed partial class OpenRcaEvidence
{
    private const long Millisecond = 1_000_000;

    private readonly OpenRcaSystem _system;
    private readonly OpenRcaWindow _window;
    private readonly ImportedEvidence _evidence;
    private readonly OpenRcaCounters _counters;
    private readonly Action<string>? _notice;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, Place> _places = [];

    private OpenRcaEvidence(OpenRcaSystem system, OpenRcaWindow window, ImportedEvidence evidence, Action<string>? notice, CancellationToken cancellation)
    {
        (_system, _window, _evidence, _notice, _cancellation) = (system, window, evidence, notice, cancellation);
        _counters = new(evidence, system.Slug);
    }

    /// <exception cref="FileFaultException">Nothing was recorded in the window.</exception>
    public static void Write(OpenRcaSystem system, OpenRcaWindow window, string target, Action<string>? notice, CancellationToken cancellation)
    {
        using var evidence = new ImportedEvidence(target);
        new OpenRcaEvidence(system, window, evidence, notice, cancellation).Write();
        evidence.Complete();
        if (evidence.Records == 0)
            throw new FileFaultException($"{Path.Combine(system.Folder, "telemetry")} holds nothing between {window}. Download the files of that day again, or leave the case out.");
    }

    private void Write()
    {
        var files = _system.FilesOf(_window.From, _window.To);
        var traces = files.Where(f => f.Form is OpenRcaForm.BankSpans or OpenRcaForm.MarketSpans or OpenRcaForm.TelecomSpans).ToList();
        var roles = new SpanRoles();
        foreach (var file in traces)
            Spans(file, tellsFaults: false, (rows, c, _) => roles.Add(rows[c.Trace], rows[c.Span], rows[c.Parent], At(rows[c.Component]).Service, c.NameOf(rows)));
        foreach (var (caller, callee) in roles.Seal()) _evidence.Calls(caller, callee);
        foreach (var file in traces) Spans(file, tellsFaults: true, (rows, c, at) => Span(rows, c, at, roles));
        foreach (var file in files.Except(traces))
        {
            switch (file.Form)
            {
                case OpenRcaForm.Kpis:
                    Kpis(file, "kpi_name");
                    break;
                case OpenRcaForm.Items:
                    Kpis(file, "name");
                    break;
                case OpenRcaForm.Transactions:
                    Requests(file, "tc", "timestamp", "cnt", "sr", "mrt", share: 0.01, seconds: 0.001);
                    break;
                case OpenRcaForm.Services:
                    Requests(file, "service", "timestamp", "count", "sr", "mrt", share: 0.01, seconds: 0.001);
                    break;
                case OpenRcaForm.Applications:
                    Requests(file, "serviceName", "startTime", "num", "succee_num", "avg_time", share: 0, seconds: 1);
                    break;
                case OpenRcaForm.Logs:
                    Logs(file);
                    break;
            }
        }
        _counters.Write();
    }

    /// <summary>Hands on the rows of the window; counts those whose time is none.</summary>
    private void Rows(OpenRcaFile file, string timeColumn, bool tellsFaults, Func<CsvRows, Func<long, string?>> begin)
    {
        using var rows = new CsvRows(file.Path);
        var time = rows.Column(timeColumn);
        var accept = begin(rows);
        var faults = new RowFaults(file.Path);
        var (from, to) = (_window.FromNanoseconds, _window.ToNanoseconds);
        while (rows.Read())
        {
            _cancellation.ThrowIfCancellationRequested();
            if (rows.Cut) faults.Add(rows.Line, "the file ends inside a quoted field");
            else if (!Cells.TryTime(rows[time], out var at)) faults.Add(rows.Line, $"\"{rows[time]}\" is no time");
            else if (at >= from && at < to && accept(at) is { } fault) faults.Add(rows.Line, fault);
        }
        if (tellsFaults) faults.Tell(_notice);
    }

    private void Kpis(OpenRcaFile file, string nameColumn) => Rows(file, "timestamp", tellsFaults: true, rows =>
    {
        var (component, name, value, item) = (rows.Column("cmdb_id"), rows.Column(nameColumn), rows.Column("value"), rows.Column("itemid"));
        return at =>
        {
            if (!Cells.TryNumber(rows[value], out var number)) return "a value that is no number";
            var place = At(rows[component]);
            if (place.Callee.Length > 0) _evidence.Calls(place.Caller, place.Callee);
            _counters.Kpi(place.Owner, place.Node, rows[name].ToString(), place.Callee.Length > 0 ? rows[component].ToString() : rows[item].ToString(), at, number);
            return null;
        };
    });

    /// <param name="good">The column with the share of requests that succeeded, in parts of <paramref name="share"/>, or with their number where that is 0.</param>
    /// <param name="seconds">What one unit of the mean duration is.</param>
    private void Requests(OpenRcaFile file, string ownerColumn, string timeColumn, string countColumn, string good, string mean, double share, double seconds) =>
        Rows(file, timeColumn, tellsFaults: true, rows =>
        {
            var (owner, count, success, duration, response) = (rows.Column(ownerColumn), rows.Column(countColumn), rows.Column(good), rows.Column(mean), rows.Column("rr"));
            return at =>
            {
                if (!Cells.TryNumber(rows[count], out var requests) || requests < 0) return "a number of requests that is none";
                // Market counts an application's requests by protocol: adservice-grpc and adservice-http are one service.
                var name = rows[owner].ToString();
                var protocol = Protocol().Match(name);
                var service = protocol.Success ? name[..protocol.Index] : name;
                if (Cells.TryNumber(rows[success], out var succeeded))
                    _counters.Requests(service, name, at, Math.Clamp(share > 0 ? requests * succeeded * share : succeeded, 0, requests), requests);
                if (Cells.TryNumber(rows[duration], out var took)) _counters.Durations(service, name, at, requests, took * seconds);
                if (Cells.TryNumber(rows[response], out var answered)) _counters.Gauge(service, "rr", name, at, answered);
                return null;
            };
        });

    private void Logs(OpenRcaFile file) => Rows(file, "timestamp", tellsFaults: true, rows =>
    {
        var (component, name, value) = (rows.Column("cmdb_id"), rows.Column("log_name"), rows.Column("value"));
        return at =>
        {
            if (rows[value].IsEmpty) return null;
            var place = At(rows[component]);
            _evidence.Log(at, place.Service, "", rows[value].ToString(), place.Resource, ImportedEvidence.Dict(("log.name", rows[name].ToString())));
            return null;
        };
    });

    private void Spans(OpenRcaFile file, bool tellsFaults, Action<CsvRows, SpanColumns, long> accept) =>
        Rows(file, file.Form == OpenRcaForm.TelecomSpans ? "startTime" : "timestamp", tellsFaults, rows =>
        {
            var columns = new SpanColumns(rows, file.Form);
            return at =>
            {
                if (!Cells.TryNumber(rows[columns.Duration], out var duration) || duration < 0) return "a duration that is none";
                accept(rows, columns, at);
                return null;
            };
        });

    private void Span(CsvRows rows, SpanColumns c, long at, SpanRoles roles)
    {
        var place = At(rows[c.Component]);
        var parent = Cells.IsNothing(rows[c.Parent]) ? "" : rows[c.Parent].ToString();
        var name = c.NameOf(rows);
        var kind = roles.KindOf(rows[c.Trace], rows[c.Span], parent, place.Service, name);
        var peer = "";
        // A database sends no spans: the call itself names it.
        if (rows[c.Type] is "JDBC" && !Cells.IsNothing(rows[c.Database]))
        {
            (kind, peer) = ("Client", rows[c.Database].ToString());
            _evidence.Calls(place.Service, peer);
        }
        Cells.TryNumber(rows[c.Duration], out var duration);
        var failed = c.Form switch
        {
            OpenRcaForm.TelecomSpans => rows[c.Status].Equals("false", StringComparison.OrdinalIgnoreCase),
            OpenRcaForm.MarketSpans => Cells.IsFailure(rows[c.Status]),
            _ => false,
        };
        _evidence.Span(new(
            at, (long)(duration * c.Unit), rows[c.Trace].ToString(), rows[c.Span].ToString(), parent, name, kind, place.Service, place.Resource,
            ImportedEvidence.Dict(("peer.service", peer), ("rpc.type", rows[c.Type].ToString())), failed));
    }

    private Place At(ReadOnlySpan<char> component)
    {
        var lookup = _places.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(component, out var place)) lookup[component] = place = PlaceOf(component.ToString());
        return place;
    }

    /// <summary>
    /// What a cmdb_id names. Market writes node and pod of a container (<c>node-6.adservice2-0</c>), the pod alone (<c>adservice2-0</c>; its service is
    /// <c>adservice</c>, of which a second deployment bears a 2), and both ends of a connection (<c>cartservice-1.source.cartservice.redis-cart</c>);
    /// everything else is a name.
    /// </summary>
    private Place PlaceOf(string component)
    {
        var (owner, node, caller, callee) = (component, "", "", "");
        if (Connection().Match(component) is { Success: true } connection)
            (owner, caller, callee) = (connection.Groups["pod"].Value, connection.Groups["from"].Value, connection.Groups["to"].Value);
        else if (Container().Match(component) is { Success: true } container) (node, owner) = (container.Groups["node"].Value, container.Groups["pod"].Value);
        var service = node.Length == 0 && Node().IsMatch(owner) ? owner : Pod().Match(owner) is { Success: true } pod ? pod.Groups["service"].Value : owner;
        var resource = service == owner
            ? ImportedEvidence.Dict(("service.name", service))
            : ImportedEvidence.Dict(("k8s.namespace.name", _system.Slug), ("k8s.statefulset.name", service), ("k8s.pod.name", owner), ("service.name", service));
        return new(owner, node, service, resource, caller, callee);
    }

    [GeneratedRegex(@"^(?<node>node-\d+)\.(?<pod>[^.]+)$")]
    private static partial Regex Container();

    [GeneratedRegex(@"^(?<pod>[^.]+)\.(source|destination)\.(?<from>[^.]+)\.(?<to>[^.]+)$")]
    private static partial Regex Connection();

    [GeneratedRegex(@"^node-\d+$")]
    private static partial Regex Node();

    [GeneratedRegex(@"^(?<service>[A-Za-z][A-Za-z-]*[A-Za-z])\d*-\d+$")]
    private static partial Regex Pod();

    [GeneratedRegex("-(grpc|http|external)$")]
    private static partial Regex Protocol();

    private sealed record Place(string Owner, string Node, string Service, string Resource, string Caller, string Callee);

    private sealed class SpanColumns
    {
        public readonly OpenRcaForm Form;
        public readonly int Component, Trace, Span, Parent, Duration, Name, Type, Status, Database;

        /// <summary>Of the duration, in nanoseconds.</summary>
        public readonly long Unit;

        public SpanColumns(CsvRows rows, OpenRcaForm form)
        {
            Form = form;
            Component = rows.Column("cmdb_id");
            (Database, Name, Type, Status) = (-1, -1, -1, -1);
            switch (form)
            {
                case OpenRcaForm.TelecomSpans:
                    (Trace, Span, Parent, Duration) = (rows.Column("traceId"), rows.Column("id"), rows.Column("pid"), rows.Column("elapsedTime"));
                    (Name, Type, Status, Database, Unit) = (rows.Column("serviceName"), rows.Column("callType"), rows.Column("success"), rows.Column("dsName"), Millisecond);
                    break;
                case OpenRcaForm.MarketSpans:
                    (Trace, Span, Parent, Duration) = (rows.Column("trace_id"), rows.Column("span_id"), rows.Column("parent_span"), rows.Column("duration"));
                    (Name, Type, Status, Unit) = (rows.Column("operation_name"), rows.Column("type"), rows.Column("status_code"), Millisecond / 1000);
                    break;
                default:
                    (Trace, Span, Parent, Duration, Unit) = (rows.Column("trace_id"), rows.Column("span_id"), rows.Column("parent_id"), rows.Column("duration"), Millisecond);
                    break;
            }
        }

        public string NameOf(CsvRows rows) => (Cells.IsNothing(rows[Name]) ? rows[Type] : rows[Name]).ToString();
    }
}
