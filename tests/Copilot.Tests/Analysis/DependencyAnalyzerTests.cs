using Copilot.Core.Analysis;
using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class DependencyAnalyzerTests
{
    /// <summary>A status code stands by itself; the same digits in an identifier say nothing.</summary>
    [Theory]
    [InlineData("GET /pay: 401", "Access")]
    [InlineData("upstream answered (403)", "Access")]
    [InlineData("status=403,path=/pay", "Access")]
    [InlineData("request 14031: 403", "Access")]
    [InlineData("request 14031 failed", "Other")]
    [InlineData("trace 8f401a failed", "Other")]
    [InlineData("order 4010 failed", "Other")]
    [InlineData("user u403 failed", "Other")]
    [InlineData("NOAUTH Authentication required", "Access")]
    [InlineData("request 8f401a: connection refused", "Refused")]
    [InlineData("request 8f401a: i/o timeout", "Timeout")]
    public void Classify_Text_IsToldByItsWords(string text, string trouble)
    {
        var (kind, telling) = DependencyAnalyzer.Classify([("web", "all is well", null!), ("web", text, null!)]);
        Assert.Equal(trouble, kind.ToString());
        if (trouble != "Other") Assert.Equal(text, telling.Text);
    }

    private static Finding Find(string callee, string message, bool recorded)
    {
        KubeService[] services = [SmallSignals.KubeService("web"), .. recorded ? [SmallSignals.KubeService(callee)] : Array.Empty<KubeService>()];
        var signals = SmallSignals.Empty() with
        {
            Cluster = ClusterState.Empty with { Workloads = [SmallSignals.Workload("web"), SmallSignals.Workload("orders-v1") with { PodLabels = new Dictionary<string, string> { ["app"] = "orders" } }], Services = services },
            Calls = [SmallSignals.Call("web", callee, SmallSignals.Level(10, 10), SmallSignals.Series(i => i < SmallSignals.Split ? 0 : 100), message)],
        };
        return Assert.Single(DependencyAnalyzer.Find(SmallSignals.Context(signals, SmallSignals.Symptom(SymptomKind.BrokenCall, callee, "web") with { Message = message })));
    }

    /// <summary>A name that is not resolved any more belongs to a Service that is gone; one that stands is reached by its pods.</summary>
    [Theory]
    [InlineData("orders", "dial tcp: lookup orders: no such host", false, "shop/Service/orders", Mechanism.ServiceRouting)]
    [InlineData("orders", "dial tcp: lookup orders: no such host", true, "shop/Deployment/orders-v1", Mechanism.Datastore)]
    [InlineData("orders", "connection refused", false, "External/Host/orders", Mechanism.ExternalDependency)]
    [InlineData("bank.example", "dial tcp: lookup bank.example: no such host", false, "External/Host/bank.example", Mechanism.ExternalDependency)]
    public void Find_NameIsNotResolved_NamesTheServiceThatIsGone(string callee, string message, bool recorded, string entity, Mechanism mechanism)
    {
        var finding = Find(callee, message, recorded);
        Assert.Equal((entity, mechanism), (finding.Entity.ToString(), finding.Mechanism));
    }
}
