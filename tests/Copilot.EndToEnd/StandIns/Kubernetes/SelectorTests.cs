using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Controllers;
using Copilot.Simulator.StandIns.Kubernetes.Printing;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>Selectors, ages, amounts and hashes.</summary>
public sealed class SelectorTests
{
    private static readonly JsonObject Pod = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"p","namespace":"shop","labels":{"app":"web","tier":"front","n":"5","x.io/y":"z"}},"spec":{"nodeName":"n1"},"status":{"phase":"Running"}}""")!;

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier=front", true)]
    [InlineData("app=web,tier=back", false)]
    [InlineData("app!=web", false)]
    [InlineData("none!=web", true)]
    [InlineData("app in (web, api)", true)]
    [InlineData("app notin (web,api),tier=front", false)]
    [InlineData("none notin (a)", true)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("!none,x.io/y=z", true)]
    [InlineData("n>4", true)]
    [InlineData("n<5", false)]
    [InlineData("app=", false)]
    public void Labels_EachOperator_Selects(string selector, bool expected) => Assert.Equal(expected, Selectors.Labels(selector)(Pod));

    [Theory]
    [InlineData("app in web")]
    [InlineData("=web")]
    [InlineData("n>many")]
    public void Labels_NoSelector_Is400(string selector) => Assert.Equal(400, Assert.Throws<ApiErrorException>(() => Selectors.Labels(selector)).Code);

    [Theory]
    [InlineData("metadata.name=p,metadata.namespace=shop", true)]
    [InlineData("spec.nodeName!=n1", false)]
    [InlineData("status.phase=Running", true)]
    public void Fields_OfPods_Select(string selector, bool expected) => Assert.Equal(expected, Selectors.Fields(ResourceKinds.Pods, selector)(Pod));

    [Fact]
    public void Fields_NotSelectable_Is400() => Assert.Equal("field label not supported: spec.containers", Assert.Throws<ApiErrorException>(() => Selectors.Fields(ResourceKinds.Pods, "spec.containers=a")).Message);

    /// <summary>As k8s.io/apimachinery/pkg/util/duration tests it.</summary>
    [Theory]
    [InlineData(-2, "<invalid>")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData((3 * 3600) - 1, "179m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((3 * 3600) + 60, "3h1m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData((48 * 3600) - 1, "47h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData((48 + 1) * 3600, "2d1h")]
    [InlineData(8 * 24 * 3600, "8d")]
    [InlineData(2 * 365 * 24 * 3600, "2y")]
    [InlineData(((2 * 365) + 1) * 24 * 3600, "2y1d")]
    [InlineData(8 * 365 * 24 * 3600, "8y")]
    public void Duration_Written_AsKubectlDoes(int seconds, string expected) => Assert.Equal(expected, Duration.Write(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("250m", 0.25)]
    [InlineData("64Mi", 67108864)]
    [InlineData("1e3", 1000)]
    [InlineData("2k", 2000)]
    [InlineData("1.5", 1.5)]
    public void Quantity_Parsed(string text, double expected) => Assert.Equal((decimal)expected, Quantity.Parse(text));

    [Theory]
    [InlineData("much")]
    [InlineData("")]
    [InlineData("1 Gi x")]
    public void Quantity_None_IsNull(string text) => Assert.Null(Quantity.Parse(text));

    [Fact]
    public void TemplateHash_SameContentInAnotherOrder_IsTheSame()
    {
        var (a, b, c) = (JsonNode.Parse("""{"metadata":{"labels":{"a":"1"}},"spec":{"x":1,"y":2}}"""), JsonNode.Parse("""{"spec":{"y":2,"x":1},"metadata":{"labels":{"a":"1"}}}"""), JsonNode.Parse("""{"spec":{"y":3,"x":1}}"""));

        Assert.Equal(TemplateHash.Of(a), TemplateHash.Of(b));
        Assert.NotEqual(TemplateHash.Of(a), TemplateHash.Of(c));
        Assert.NotEqual(TemplateHash.Of(a), TemplateHash.Of(a, collisions: 1));
        Assert.True(TemplateHash.Same(a, JsonNode.Parse("""{"metadata":{"creationTimestamp":null,"labels":{"a":"1","pod-template-hash":"x"}},"spec":{"x":1,"y":2}}""")));
    }
}
