using System.Globalization;
using System.Text.RegularExpressions;
using Copilot.Bench.Truths;
using Copilot.Core.Analysis;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>A question of OpenRCA with its answer.</summary>
/// <param name="Row">From 1.</param>
/// <param name="Task">Such as <c>task_3</c>.</param>
/// <param name="From">When its half hour begins.</param>
internal sealed record OpenRcaQuestion(int Row, string Task, string Instruction, DateTimeOffset From, GroundTruth Truth);

/// <summary>
/// Reads <c>query.csv</c> and <c>record.csv</c> of a system. Row n of the one belongs to row n of the other; failures within one half hour (by the clock of
/// UTC+8) belong to one question. The scoring points are what OpenRCA's evaluator goes by; the record adds what a task does not ask for.
/// </summary>
internal static partial class OpenRcaQuestions
{
    public const string QueryFile = "query.csv";

    /// <summary>The clock of all times in words.</summary>
    public static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    public static readonly TimeSpan HalfHour = TimeSpan.FromMinutes(30);

    private const string RecordFile = "record.csv";

    /// <summary>The documented reasons of the three systems, which do not overlap but for network latency.</summary>
    private static readonly Dictionary<string, Mechanism> Reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        // Bank
        ["high CPU usage"] = Mechanism.Cpu,
        ["high memory usage"] = Mechanism.Memory,
        ["network latency"] = Mechanism.Network,
        ["network packet loss"] = Mechanism.Network,
        ["high disk I/O read usage"] = Mechanism.Disk,
        ["high disk space usage"] = Mechanism.Disk,
        ["high JVM CPU load"] = Mechanism.Cpu,
        ["JVM Out of Memory (OOM) Heap"] = Mechanism.Memory,
        // Market
        ["container CPU load"] = Mechanism.Cpu,
        ["container memory load"] = Mechanism.Memory,
        ["container network packet retransmission"] = Mechanism.Network,
        ["container network packet corruption"] = Mechanism.Network,
        ["container network latency"] = Mechanism.Network,
        ["container packet loss"] = Mechanism.Network,
        ["container process termination"] = Mechanism.Restart,
        ["container read I/O load"] = Mechanism.Disk,
        ["container write I/O load"] = Mechanism.Disk,
        ["node CPU load"] = Mechanism.Cpu,
        ["node CPU spike"] = Mechanism.Cpu,
        ["node memory consumption"] = Mechanism.Memory,
        ["node disk read I/O consumption"] = Mechanism.Disk,
        ["node disk write I/O consumption"] = Mechanism.Disk,
        ["node disk space consumption"] = Mechanism.Disk,
        // Telecom
        ["CPU fault"] = Mechanism.Cpu,
        ["network delay"] = Mechanism.Network,
        ["network loss"] = Mechanism.Network,
        ["db connection limit"] = Mechanism.Datastore,
        ["db close"] = Mechanism.Datastore,
    };

    /// <exception cref="FileFaultException">The files cannot be used; all faults at once.</exception>
    public static List<OpenRcaQuestion> Load(string folder)
    {
        var faults = new List<string>();
        var (query, record) = (Path.Combine(folder, QueryFile), Path.Combine(folder, RecordFile));
        if (!File.Exists(record))
            throw new FileFaultException($"{record} is missing: it holds what went wrong, which the questions beside it do not tell in full. Download it as well.");
        var asked = Rows(query, ["task_index", "instruction", "scoring_points"], faults).ToList();
        var failures = Rows(record, ["component", "reason", "timestamp"], faults).Select(r => Failure.Of(record, r, faults)).ToList();
        if (faults.Count > 0) throw new FileFaultException(faults);
        if (asked.Count != failures.Count)
            throw new FileFaultException($"{query} has {asked.Count} questions and {record} {failures.Count} failures: row by row they belong together. Take both from the same download.");
        var questions = asked.Select((r, i) => Question(query, i, r, failures, faults)).ToList();
        if (faults.Count > 0) throw new FileFaultException(faults);
        return questions.ConvertAll(q => q!);
    }

    private static IEnumerable<(long Line, Dictionary<string, string> Fields)> Rows(string path, string[] needed, List<string> faults)
    {
        using var rows = new CsvRows(path);
        var missing = needed.Where(n => rows.Column(n) < 0).ToList();
        if (missing.Count > 0)
        {
            faults.Add(rows.Header.Count == 0
                ? $"{path} is empty. Download it again."
                : $"{path}:1: no column {string.Join(", ", missing)}. Take the file from OpenRCA's download.");
            yield break;
        }
        while (rows.Read())
        {
            // pandas writes a last row of nothing but commas where a table was edited by hand.
            var fields = needed.Append("datetime").Where(n => rows.Column(n) >= 0).ToDictionary(n => n, n => rows[rows.Column(n)].Trim().ToString());
            if (fields.Values.Any(v => v.Length > 0)) yield return (rows.Line, fields);
        }
    }

    private static OpenRcaQuestion? Question(string query, int row, (long Line, Dictionary<string, string> Fields) asked, List<Failure> failures, List<string> faults)
    {
        var own = failures[row];
        var from = HalfHourOf(own.At);
        var defects = new List<string>();
        var (task, instruction) = (asked.Fields["task_index"], asked.Fields["instruction"]);
        if (Spoken(instruction) is not { } spoken) defects.Add("The half hour could not be read from the question: it is the one of the recorded failure.");
        else if (spoken != from)
            defects.Add($"The question speaks of {Clock(spoken)} and the failure was recorded in the half hour from {Clock(from)}, from which the evidence is.");
        var recorded = failures.Where(f => HalfHourOf(f.At) == from).ToList();
        foreach (var f in recorded.Where(f => f.InWords.Length > 0 && !SameTime(f.InWords, Words(f.At))))
            defects.Add($"The record gives the failure of {f.Component} two times, {f.InWords} and by its timestamp {Words(f.At)}: the timestamp counts.");
        var points = Points.Of(asked.Fields["scoring_points"]);
        if (points.Count == 0) defects.Add("The scoring points are not in the documented wording: the truth is what was recorded.");
        else if (points.Count != recorded.Count)
            defects.Add($"The scoring points tell of {points.Count} failures and {recorded.Count} were recorded in the half hour: the scoring points count.");
        // What stands in its own row is the truth where the half hour does not tell.
        if (points.Count == 1 && recorded.Count != 1) recorded = [own];
        var count = points.Count == 0 ? recorded.Count : points.Count;
        var causes = Enumerable.Range(0, count).Select(i => Cause(i, points, i < recorded.Count ? recorded[i] : null, defects)).ToList();
        if (causes.Exists(c => c is null))
        {
            faults.Add($"{query}:{asked.Line}: neither the scoring points nor the recorded failures name the component of every failure. Mend the row, or take it out of both files.");
            return null;
        }
        return new(row + 1, task, instruction, from, new([.. causes.Select(c => c!)], [], [.. defects.Distinct()]));
    }

    private static TrueCause? Cause(int index, Points points, Failure? recorded, List<string> defects)
    {
        var component = Chosen("component", points.Component(index), recorded?.Component, defects);
        var reason = Chosen("reason", points.Reason(index), recorded?.Reason, defects);
        var time = Chosen("time", points.Time(index), recorded is null ? null : Words(recorded.At), defects);
        if (component.Length == 0) return null;
        var isKnown = Reasons.TryGetValue(reason, out var mechanism);
        if (!isKnown && reason.Length > 0) defects.Add($"The reason \"{reason}\" is none of the documented ones: the label tells no mechanism.");
        var condition = time.Length > 0 ? $"{reason}, from {time} UTC+8" : reason;
        return new($"cause-{index + 1}", isKnown ? mechanism.WireName() : null, condition.TrimStart(',', ' '), [EntityPattern.Exactly(component)]);
    }

    private static string Chosen(string what, string? asked, string? recorded, List<string> defects)
    {
        if (asked is not null && recorded is { Length: > 0 } && asked != recorded && !SameTime(asked, recorded))
            defects.Add($"The {what}: the scoring points say \"{asked}\" and the record says \"{recorded}\". The scoring points count, as in OpenRCA's evaluator.");
        return asked ?? recorded ?? "";
    }

    /// <summary>Whether two texts are one time, to the second, however written.</summary>
    private static bool SameTime(string a, string b) =>
        DateTime.TryParse(a, CultureInfo.InvariantCulture, DateTimeStyles.None, out var one) && DateTime.TryParse(b, CultureInfo.InvariantCulture, DateTimeStyles.None, out var other)
        && Math.Abs((one - other).TotalSeconds) < 1;

    private static DateTimeOffset HalfHourOf(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / 1800 * 1800);

    /// <summary>The beginning of the time range in a question, which a model put into words from <c>2022-03-21 11:30:00 to 2022-03-21 12:00:00</c>.</summary>
    private static DateTimeOffset? Spoken(string instruction)
    {
        var date = DateInWords().Match(instruction) is { Success: true } words ? words : DateInDigits().Match(instruction);
        var text = $"{date.Groups["year"]} {date.Groups["month"]} {date.Groups["day"]}";
        if (!date.Success || !DateTime.TryParseExact(text, ["yyyy MMMM d", "yyyy MM dd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return null;
        var times = TimeOfDay().Matches(instruction, date.Index + date.Length);
        if (times.Count < 2) times = TimeOfDay().Matches(instruction);
        if (times.Count < 2) return null;
        var (from, to) = (Minutes(times[0]), Minutes(times[1]));
        return (to - from + 1440) % 1440 == (int)HalfHour.TotalMinutes ? new DateTimeOffset(day, Zone).AddMinutes(from).ToUniversalTime() : null;

        static int Minutes(Match time) => (int.Parse(time.Groups["hour"].ValueSpan, CultureInfo.InvariantCulture) * 60) + int.Parse(time.Groups["minute"].ValueSpan, CultureInfo.InvariantCulture);
    }

    private static string Clock(DateTimeOffset at) => at.ToOffset(Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Words(DateTimeOffset at) => at.ToOffset(Zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b(?<month>January|February|March|April|May|June|July|August|September|October|November|December)\s+(?<day>\d{1,2})(st|nd|rd|th)?,?\s+(?<year>\d{4})")]
    private static partial Regex DateInWords();

    [GeneratedRegex(@"\b(?<year>20\d\d)-(?<month>\d\d)-(?<day>\d\d)\b")]
    private static partial Regex DateInDigits();

    [GeneratedRegex(@"\b(?<hour>[01]?\d|2[0-3]):(?<minute>[0-5]\d)\b(:[0-5]\d)?")]
    private static partial Regex TimeOfDay();

    private sealed record Failure(string Component, string Reason, DateTimeOffset At, string InWords)
    {
        public static Failure Of(string path, (long Line, Dictionary<string, string> Fields) row, List<string> faults)
        {
            if (!Cells.TryTime(row.Fields["timestamp"], out var nanoseconds))
                faults.Add($"{path}:{row.Line}: the timestamp \"{row.Fields["timestamp"]}\" is no time in seconds since 1970. Take the file from OpenRCA's download again.");
            return new(row.Fields["component"], row.Fields["reason"], DateTimeOffset.FromUnixTimeSeconds(nanoseconds / 1_000_000_000), row.Fields.GetValueOrDefault("datetime", ""));
        }
    }

    /// <summary>The scoring points by the expressions of OpenRCA's evaluator (main/evaluate.py); the generator's note on points is cut off.</summary>
    private sealed partial record Points(List<string> Components, List<string> Reasons, List<string> Times)
    {
        public int Count => Math.Max(Components.Count, Math.Max(Reasons.Count, Times.Count));

        public string? Component(int i) => At(Components, i);

        public string? Reason(int i) => At(Reasons, i);

        public string? Time(int i) => At(Times, i);

        public static Points Of(string text) => new(Found(ComponentPoint(), text), Found(ReasonPoint(), text), Found(TimePoint(), text));

        // A kind of point that is not there for every failure is not scored by the evaluator either.
        private string? At(List<string> points, int i) => points.Count == Count && i < points.Count ? points[i] : null;

        private static List<string> Found(Regex point, string text) => [.. point.Matches(text).Select(m => PointsNote().Replace(m.Groups[1].Value, "").Trim())];

        [GeneratedRegex(@"The (?:\d+-th|only) predicted root cause component is ([^\n]+)")]
        private static partial Regex ComponentPoint();

        [GeneratedRegex(@"The (?:\d+-th|only) predicted root cause reason is ([^\n]+)")]
        private static partial Regex ReasonPoint();

        [GeneratedRegex(@"The (?:\d+-th|only) root cause occurrence time is within 1 minutes \(i\.e\., <=1min\) of ([^\n]+)")]
        private static partial Regex TimePoint();

        [GeneratedRegex(@"\.?\s*\(1 point\)\s*$")]
        private static partial Regex PointsNote();
    }
}
