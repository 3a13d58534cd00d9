using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Copilot.Simulator.StandIns.Kubernetes;
using Xunit;

[assembly: AssemblyFixture(typeof(Copilot.Tests.Support.WireOfAllClusters))]

namespace Copilot.Tests.Support;

/// <summary>Over the whole run: whoever came to a stand-in cluster as the copilot only read.</summary>
public sealed class WireOfAllClusters : IDisposable
{
    /// <summary>Whom the copilot is in every test.</summary>
    private const string Copilot = "copilot";

    private readonly ConcurrentDictionary<(string User, string Method), long> _calls = new();
    private readonly MeterListener _listener = new();

    public WireOfAllClusters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == KubernetesStandIn.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var (user, method) = ("", "");
            foreach (var tag in tags)
            {
                if (tag.Key == "user") user = $"{tag.Value}";
                if (tag.Key == "method") method = $"{tag.Value}";
            }
            _calls.AddOrUpdate((user, method), count, (_, before) => before + count);
        });
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        var reads = _calls.Where(c => c.Key is (Copilot, "GET")).Sum(c => c.Value);
        var writes = _calls.Where(c => c.Key is (Copilot, not "GET")).ToList();
        if (reads == 0) return;
        TestReport.Line($"calls of the copilot to stand-in clusters in the whole run: {reads} to read, {writes.Sum(c => c.Value)} to write; of others {_calls.Where(c => c.Key.User != Copilot).Sum(c => c.Value)}");
        if (writes.Count > 0) throw new InvalidOperationException($"the copilot wrote to a cluster: {string.Join(", ", writes.Select(w => $"{w.Value} {w.Key.Method}"))}");
    }
}
