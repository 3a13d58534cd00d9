using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>Six services, of which <c>a</c> and <c>b</c> run on another node than the others.</summary>
public sealed class NodeNetworkAnalyzerTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f"];

    /// <param name="broken">Of 100 calls that cross the border between the nodes, since the onset.</param>
    private static IEnumerable<string> Find(double broken)
    {
        CallTraffic Call(string caller, string callee, double lost) => SmallSignals.Call(caller, callee, SmallSignals.Level(10, 10), SmallSignals.Series(i => i < SmallSignals.Split ? 0 : lost));
        var signals = SmallSignals.Empty() with
        {
            Cluster = ClusterState.Empty with
            {
                Workloads = [.. Names.Select(n => SmallSignals.Workload(n))],
                Pods = [.. Names.Select(n => SmallSignals.Pod(n, n is "a" or "b" ? "n1" : "n2"))],
                Nodes = [SmallSignals.Node("n1"), SmallSignals.Node("n2")],
            },
            Calls = [Call("c", "a", broken), Call("d", "b", broken), Call("e", "a", broken), Call("c", "d", 0), Call("e", "f", 0), Call("d", "e", 0), Call("f", "c", 0)],
        };
        return NodeNetworkAnalyzer.Find(SmallSignals.Context(signals)).Select(f => f.Entity.Name);
    }

    /// <summary>A network loses some packets; who is not reached at all is not there.</summary>
    [Theory]
    [InlineData(20, "n1")]
    [InlineData(80, "n1")]
    [InlineData(100, "")]
    [InlineData(95, "")]
    [InlineData(0, "")]
    public void Find_CallsAcrossTheBorderBreak_NamesTheNodeUnlessNothingIsThere(double broken, string node) => Assert.Equal(node, string.Join(',', Find(broken)));
}
