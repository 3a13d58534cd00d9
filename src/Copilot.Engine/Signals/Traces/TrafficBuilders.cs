using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Traces;

/// <summary>Collects the requests of one service on the grid.</summary>
internal sealed class ServiceBuilder(int steps)
{
    private readonly double[] _calls = new double[steps], _errors = new double[steps], _own = new double[steps], _self = new double[steps];
    private readonly List<float>?[] _durations = new List<float>?[steps];
    private readonly double[] _longest = new double[steps];
    private readonly int[] _failed = Filled(steps), _slowest = Filled(steps);

    public void Add(int step, int index, in Span span, double waitedMs, bool own)
    {
        _calls[step]++;
        _self[step] += Math.Max(0, span.DurationMs - waitedMs);
        (_durations[step] ??= []).Add((float)span.DurationMs);
        if (_slowest[step] < 0 || span.DurationMs > _longest[step]) (_slowest[step], _longest[step]) = (index, span.DurationMs);
        if (!span.Failed) return;
        _errors[step]++;
        if (own) _own[step]++;
        if (_failed[step] < 0 || own) _failed[step] = index;
    }

    public ServiceTraffic Build(SpanTable table, int service)
    {
        var latency = new double[_calls.Length];
        for (var i = 0; i < latency.Length; i++)
        {
            _durations[i]?.Sort();
            latency[i] = _durations[i] is { } d ? d[(int)Math.Ceiling(0.95 * d.Count) - 1] : double.NaN;
            _self[i] = _calls[i] > 0 ? _self[i] / _calls[i] : double.NaN;
        }
        return new(
            table.Services[service], table.Workloads.GetValueOrDefault(service), EvidenceSource.Traces, _calls, _errors, _own, latency, _self, Sightings(table, _failed),
            Sightings(table, _slowest));
    }

    internal static int[] Filled(int steps)
    {
        var array = new int[steps];
        Array.Fill(array, -1);
        return array;
    }

    internal static Sighting[] Sightings(SpanTable table, int[] spans) => [.. spans.Select(s => s < 0 ? default : table.Sighting(s))];
}

/// <summary>Collects the calls from one service to one callee on the grid.</summary>
internal sealed class CallBuilder(int steps)
{
    private readonly double[] _calls = new double[steps], _errors = new double[steps], _unanswered = new double[steps], _latency = new double[steps], _gap = new double[steps];
    private readonly int[] _gaps = new int[steps];
    private readonly double[] _longest = new double[steps];
    private readonly int[] _failed = ServiceBuilder.Filled(steps), _slowest = ServiceBuilder.Filled(steps);
    private readonly Dictionary<int, (double[] Steps, int First)> _messages = [];

    public void Add(int step, int index, in Span span, bool answered, bool unanswered, double gapMs)
    {
        _calls[step]++;
        _latency[step] += span.DurationMs;
        if (!double.IsNaN(gapMs))
        {
            _gap[step] += Math.Max(0, gapMs);
            _gaps[step]++;
        }
        if (_slowest[step] < 0 || span.DurationMs > _longest[step]) (_slowest[step], _longest[step]) = (index, span.DurationMs);
        if (!span.Failed) return;
        _errors[step]++;
        if (unanswered) _unanswered[step]++;
        if (_failed[step] < 0 || (unanswered && !answered)) _failed[step] = index;
        if (span.Message < 0) return;
        if (!_messages.TryGetValue(span.Message, out var message)) _messages[span.Message] = message = (new double[steps], index);
        message.Steps[step]++;
    }

    public CallTraffic Build(SpanTable table, string caller, string callee, bool traced, int maxMessages)
    {
        for (var i = 0; i < _calls.Length; i++)
        {
            _latency[i] = _calls[i] > 0 ? _latency[i] / _calls[i] : double.NaN;
            _gap[i] = _gaps[i] > 0 ? _gap[i] / _gaps[i] : double.NaN;
        }
        var messages = _messages.Select(m => new ErrorText(table.Messages[m.Key], m.Value.Steps, table.Address(m.Value.First)))
            .OrderByDescending(m => m.PerStep.Sum()).ThenBy(m => m.Text, StringComparer.Ordinal).Take(maxMessages);
        return new(
            caller, callee, traced, _calls, _errors, _unanswered, _latency, _gap, ServiceBuilder.Sightings(table, _failed), ServiceBuilder.Sightings(table, _slowest), [.. messages]);
    }
}
