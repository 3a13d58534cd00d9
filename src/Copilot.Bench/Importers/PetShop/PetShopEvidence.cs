namespace Copilot.Bench.Importers.PetShop;

/// <summary>
/// Turns rows into samples in Prometheus' form. A row tells of the five minutes that begin at its time, and a scrape of what was before it: so its numbers
/// are dated at its end, and counters begin with a sample at the begin of the first.
/// </summary>
internal sealed class PetShopEvidence(ImportedEvidence evidence, IReadOnlyList<PetShopColumn> columns)
{
    private static readonly long UsualLength = TimeSpan.FromMinutes(5).Ticks * 100;

    public void Write(IReadOnlyList<PetShopRow> rows)
    {
        var length = LengthOf(rows);
        foreach (var node in columns.Select((c, i) => (Column: c, Place: i)).GroupBy(c => c.Column.Node))
        {
            var writer = new Node(node.Key, evidence, [.. node.Select(c => (c.Column, c.Place))]);
            foreach (var row in rows) writer.Write(row, row.At + length);
        }
    }

    /// <summary>The usual time between two rows.</summary>
    private static long LengthOf(IReadOnlyList<PetShopRow> rows)
    {
        var gaps = rows.Zip(rows.Skip(1), (a, b) => b.At - a.At).Order().ToList();
        return gaps.Count == 0 ? UsualLength : gaps[gaps.Count / 2];
    }

    private sealed class Node(string name, ImportedEvidence evidence, IReadOnlyList<(PetShopColumn Column, int Place)> columns)
    {
        private const string Requests = "service_requests_total";
        private const string Duration = "service_request_duration_seconds";

        private readonly Counter _answered = new(name, Requests, ("code", "200"), evidence);
        private readonly Counter _failed = new(name, Requests, ("code", "500"), evidence);
        private readonly Counter _unknown = new(name, Requests, ("code", ""), evidence);
        private readonly Counter _seconds = new(name, Duration + "_sum", ("", ""), evidence);
        private readonly Counter _timed = new(name, Duration + "_count", ("", ""), evidence);

        public void Write(PetShopRow row, long end)
        {
            var (requests, availability, mean) = (Of(row, "requests", "Sum"), Of(row, "availability", "Average"), Of(row, "latency", "Average"));
            if (requests is { } count)
            {
                if (availability is { } percent)
                {
                    var failed = Whole(count * (100 - Math.Clamp(percent, 0, 100)) / 100);
                    _answered.Add(row.At, end, count - failed);
                    _failed.Add(row.At, end, failed);
                }
                else if (count == 0) Unchanged(row.At, end);
                else _unknown.Add(row.At, end, count);
                if (mean is not null || count == 0)
                {
                    _seconds.Add(row.At, end, (mean ?? 0) * count);
                    _timed.Add(row.At, end, count);
                }
            }
            foreach (var (column, place) in columns)
            {
                var value = row.Values[place];
                if (double.IsNaN(value)) continue;
                if (column.Metric == "latency" && QuantileOf(column.Statistic) is { } quantile) Sample(Duration, value, ("quantile", quantile));
                // Known without its number of requests, or no metric that the set documents: a gauge under its own name.
                else if (requests is null || (column.Metric, column.Statistic) is not (("requests", "Sum") or ("availability", "Average") or ("latency", "Average")))
                    Sample($"{column.Metric} {column.Statistic}", value, ("", ""));
            }

            void Sample(string metric, double value, (string, string) tag) => evidence.OfService(name, "", metric, end, value, ImportedEvidence.Dict(tag, ("service_name", name)));
        }

        private void Unchanged(long from, long to)
        {
            _answered.Add(from, to, 0);
            _failed.Add(from, to, 0);
        }

        private double? Of(PetShopRow row, string metric, string statistic)
        {
            foreach (var (column, place) in columns)
                if (column.Metric == metric && column.Statistic == statistic) return double.IsNaN(row.Values[place]) ? null : row.Values[place];
            return null;
        }

        /// <summary>Of p95 the text 0.95; null for what is no quantile.</summary>
        private static string? QuantileOf(string statistic) => statistic is ['p', var tens, var ones] && char.IsAsciiDigit(tens) && char.IsAsciiDigit(ones) ? $"0.{tens}{ones}".TrimEnd('0') : null;

        /// <summary>Requests are whole; percentages are printed with rounding errors.</summary>
        private static double Whole(double requests) => Math.Abs(requests - Math.Round(requests)) < 0.01 ? Math.Round(requests) : requests;
    }

    /// <summary>A counter of one node.</summary>
    private sealed class Counter(string node, string metric, (string Key, string Value) tag, ImportedEvidence evidence)
    {
        private readonly string _tags = ImportedEvidence.Dict(tag, ("service_name", node));
        private double _total;
        private long _until;

        public void Add(long from, long to, double growth)
        {
            // Where rows are missing nothing is known of the time between: it must not be taken for part of what grew afterwards.
            if (_until != from) evidence.OfService(node, "", metric, from, _total, _tags);
            _total += growth;
            evidence.OfService(node, "", metric, to, _total, _tags);
            _until = to;
        }
    }
}
