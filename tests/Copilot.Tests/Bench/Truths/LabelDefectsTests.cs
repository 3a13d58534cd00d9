using Copilot.Bench.Truths;
using Copilot.Engine.Yaml;
using Xunit;

namespace Copilot.Tests.Bench.Truths;

public sealed class LabelDefectsTests
{
    [Theory]
    [InlineData("- {id: a, kind: Service, filter: ['*.*'], root_cause: true}", "The filter *.* of a is no regular expression (nothing to repeat before *); it is read as a file pattern")]
    [InlineData("- {id: a, kind: Widget, filter: [x], root_cause: true}", "Widget, the kind of a, is no kind of Kubernetes that is known here")]
    [InlineData("- {id: a, kind: Service, filter: [x], root_cause: true}\n  - {id: b, kind: Service, filter: [x], root_cause: true}", "The root causes a, b cannot be told apart")]
    [InlineData("- {id: a, kind: Service, filter: [x], root_cause: true}\n  - {id: a, kind: Service, filter: [x], root_cause: true}", "The group a stands there more than once.")]
    [InlineData("- {id: a, kind: Service, filter: [x], root_cause: true}\n  - {id: b, kind: Pod}", "The group b has neither filter nor name: nothing counts as naming it.")]
    [InlineData("- {id: a, kind: Service, filter: [x], root_cause: true}\n  - {id: b, filter: [y]}", "The group b has no kind: nothing counts as naming it.")]
    [InlineData("- {id: a, kind: Deployment, filter: ['cart\\b'], root_cause: true}\n  - {id: b, kind: Pod, filter: ['valkey-cart-.*']}", "The filter of a, which is a right answer, also fits valkey-cart-5d9c7b8f64-x2x4z of b, which only suffers.")]
    [InlineData("- {id: a, kind: Service, filter: ['cart$'], root_cause: true}\n  - {id: b, kind: Service, filter: ['cart\\b']}", "cart is both the right answer a and b, which only suffers.")]
    [InlineData("- {id: a, kind: Pod, filter: ['cart-.*'], root_cause: true}\n  - {id: b, kind: Service, filter: ['web\\b']}\naliases: [[a, b]]", "The alias b makes web, which the fault only reaches, as right as the root cause a.")]
    [InlineData("- {id: a, kind: ConfigMap, filter: [cart-config], root_cause: true}\n  - {id: b, kind: Deployment, filter: [cart]}\naliases: [[a, b]]\npropagations: [{source: a, target: b}]", "The alias b makes cart, which the fault only reaches")]
    [InlineData("- {id: a, kind: Deployment, filter: ['cart-.*'], root_cause: true}", "The filter cart-.* of a cannot fit the bare name of a Deployment")]
    [InlineData("- {id: a, kind: Namespace, name: shop, root_cause: true}", "The root cause a is a whole Namespace")]
    [InlineData("- {id: a, kind: NetworkChaos, filter: ['.*cart'], root_cause: true}", "The filter .*cart of a begins with anything")]
    [InlineData("- {id: a, kind: PodChaos, filter: [cart-network-delay], root_cause: true}", "The experiment a is a PodChaos, and by its name (cart-network-delay) it should be a NetworkChaos.")]
    [InlineData("- {id: a, kind: NetworkChaos, filter: [shop-cart-delay], root_cause: true}\n  - {id: b, kind: Pod, namespace: shop, filter: ['web-.*']}\npropagations: [{source: a, target: b}]", "The experiment a is about cart by its name, and what it reaches is b.")]
    [InlineData("- {id: a, kind: Service, filter: [x], root_cause: true}\npropagations: [{source: a, target: ghost}]", "A propagation names ghost, which is no group.")]
    public void Parse_LabelWithDefect_NamesIt(string groups, string says) =>
        Assert.Contains(Labels.Parse($"fault: [{{condition: x}}, {{condition: y}}]\ngroups:\n  {groups}").Defects, d => d.StartsWith(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("fault: []\ngroups: [{id: a, kind: Service, filter: [x], root_cause: true}]\naliases: [[a]]", "No fault is told, yet a is a root cause.")]
    [InlineData("fault: [{entity: {group_id: b}}]\ngroups: [{id: a, kind: Service, filter: [x], root_cause: true}, {id: b, kind: Service, filter: [y]}]", "The fault names b as what was broken, which is no root cause.")]
    [InlineData("fault: [{condition: network delay}]\ngroups: [{id: a, kind: PodChaos, filter: [x], root_cause: true}]", "The experiment a is a PodChaos, and by its condition (network delay) it should be a NetworkChaos.")]
    public void Parse_FaultAndGroupsDisagree_NamesIt(string yaml, string says) => Assert.Equal([says], Labels.Parse(yaml).Defects);

    /// <summary>Near misses of each rule.</summary>
    [Theory]
    [InlineData("- {id: a, kind: HttpChaos, filter: [email-http-delay-chaos], root_cause: true}\n  - {id: b, kind: Pod, filter: ['emailservice-.*']}\npropagations: [{source: a, target: b}]")]
    [InlineData("- {id: a, kind: JVMChaos, filter: [ad-jvm-stress], root_cause: true}")]
    [InlineData("- {id: a, kind: StressChaos, filter: [otel-demo-valkey-memory-stress], root_cause: true}\n  - {id: b, kind: Pod, filter: ['valkey-cart-.*']}\npropagations: [{source: a, target: b}]")]
    [InlineData("- {id: a, kind: NetworkChaos, filter: ['cart-web-partition.*'], root_cause: true}\n  - {id: b, kind: Pod, filter: ['web-.*']}\npropagations: [{source: a, target: b}]")]
    [InlineData("- {id: a, kind: Deployment, filter: ['ad\\b'], root_cause: true}\n  - {id: b, kind: Service, filter: [adservice]}\n  - {id: c, kind: Pod, filter: ['ad-.*']}\naliases: [[a, b]]\npropagations: [{source: a, target: b}]")]
    [InlineData("- {id: a, kind: ResourceQuota, filter: [q], root_cause: true}\n  - {id: b, kind: Namespace, filter: [shop]}\naliases: [[a, b]]")]
    [InlineData("- {id: a, kind: Service, filter: [x], root_cause: true}\n  - {id: b, kind: Service, filter: [y], root_cause: true}")]
    public void Parse_SoundLabel_HasNoDefect(string groups) => Assert.Empty(Labels.Parse($"fault: [{{condition: x}}, {{condition: y}}]\ngroups:\n  {groups}").Defects);

    [Theory]
    [InlineData("Deployment", "custom", "QUOTE_ADDR environment variable set to incorrect port 0000", "environment-variable")]
    [InlineData("Deployment", "invalid-node-selector", "pods cannot be scheduled due to invalid node selector", "scheduling")]
    [InlineData("Deployment", "command_injection", "CrashLoopBackOff due to invalid command", "bad-command")]
    [InlineData("Pod", "custom", "Password authentication enabled", "credential")]
    [InlineData("Pod", "custom", "Storage filled to 90% capacity by a sidecar", "disk")]
    [InlineData("ConfigMap", "custom(flagd)", "cartFailure feature flag set", "feature-flag")]
    [InlineData("ConfigMap", "custom", "pool reduced to 1", "configuration-change")]
    [InlineData("Service", "svc_port", "targetPort is wrong", "service-routing")]
    [InlineData("NetworkChaos", "chaos", "To be specified", "chaos-network")]
    [InlineData("HttpChaos", "chaos", "", "chaos-other")]
    [InlineData("NetworkPolicy", "custom", "ingress is blocked", "network-policy")]
    // What is told twice in different ways, or not at all, is not told.
    [InlineData("Deployment", "custom", "an environment variable and the readiness probe changed", null)]
    [InlineData("Deployment", "custom", "To be specified", null)]
    [InlineData("Schedule", "chaos", "cpu", null)]
    public void Parse_FaultTold_GivesTheMechanismWhereItIsSafe(string kind, string told, string condition, string? mechanism) =>
        Assert.Equal(mechanism, Labels.Parse($"fault: [{{condition: '{condition}', fault_mechanism: '{told}'}}]\ngroups: [{{id: a, kind: {kind}, filter: [x], root_cause: true}}]").Causes[0].Mechanism);

    [Fact]
    public void Parse_ScheduleNamedForItsExperiment_TellsTheMechanism() =>
        Assert.Equal("chaos-stress", Labels.Parse("fault: [{condition: x}]\ngroups: [{id: shop-cart-cpu-stress, kind: Schedule, filter: ['.*cart'], root_cause: true}]").Causes[0].Mechanism);

    [Fact]
    public void KnownDefects_Shipped_AreReadAndKeyedByDigests()
    {
        var shipped = KnownDefects.Parse("x", File.ReadAllText(Path.Combine(Support.TestData.RepositoryRoot, "src", "Copilot.Bench", "Truths", "KnownDefects.yaml")));

        Assert.NotEmpty(shipped);
        Assert.All(shipped, d => Assert.True(d.Key.Length == 64 && d.Key.All(char.IsAsciiHexDigitLower) && d.Value.Count > 0));
        Assert.Empty(KnownDefects.Of("groups: []"u8));
    }

    [Fact]
    public void KnownDefects_DigestTwice_IsRefused() =>
        Assert.Contains("x:5: a second label aa.", Assert.Throws<FileFaultException>(() => KnownDefects.Parse("x", "known-defects: v1\n\nlabels:\n  - {sha256: aa, about: b, defects: [c]}\n  - {sha256: aa, about: b, defects: [c]}\n")).Message);
}
