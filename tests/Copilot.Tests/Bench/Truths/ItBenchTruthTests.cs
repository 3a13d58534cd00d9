using System.Text;
using Copilot.Bench.Truths;
using Copilot.Engine.Yaml;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Truths;

public sealed class ItBenchTruthTests
{
    [Fact]
    public void Parse_FirstVersionFlat_IsReadWhole()
    {
        var truth = Labels.Parse(Labels.Checkout);

        var cause = Assert.Single(truth.Causes);
        Assert.Equal(("checkout-deployment", "bad-image", "image of checkout changed to one that does not exist"), (cause.Id, cause.Mechanism, cause.Condition));
        Assert.Equal([("Deployment", "shop", @"checkout\b"), ("Pod", "shop", "checkout-.*")], cause.Names.Select(n => (n.Kind, n.Namespace, Assert.Single(n.Filters))));
        Assert.Equal([@"frontend\b", "frontend-.*", @"frontend-proxy\b"], truth.Victims.Select(v => v.Filters[0]));
        Assert.Empty(truth.Defects);
    }

    [Fact]
    public void Parse_FirstVersionWrapped_IsTheSame()
    {
        var indented = string.Join('\n', Labels.Checkout.Split('\n').Select(l => "  " + l));

        Assert.Equal(Words(Labels.Parse(Labels.Checkout)), Words(Labels.Parse($"---\napiVersion: itbench.io/v1\nkind: GroundTruth\nmetadata:\n  name: scenario-1\nspec:\n{indented}\n")));
    }

    [Fact]
    public void Parse_SecondVersion_EveryEntityIsACause()
    {
        var truth = Labels.Parse("""
            apiVersion: itbench.io/v2
            kind: GroundTruth
            metadata: {name: scenario-1}
            spec:
              alerts: [{labels: {}, name: KubePodNotReady}]
              entities:
                - apiVersion: apps/v1
                  kind: Deployment
                  metadata: {name: cart.v2, namespace: shop}
                - {apiVersion: v1, kind: Node, metadata: {name: worker-1}}
              solutions: []
            """);

        Assert.Equal(["shop/Deployment/cart.v2", "cluster/Node/worker-1"], truth.Causes.Select(c => c.Id));
        Assert.Equal([(@"^cart\.v2$", "shop"), ("^worker-1$", null)], truth.Causes.Select(c => (c.Names[0].Filters[0], c.Names[0].Namespace)));
        Assert.All(truth.Causes, c => Assert.Equal((null, ""), (c.Mechanism, c.Condition)));
    }

    [Fact]
    public void Parse_AnchorsAndMergeKeys_AreReadAsTheirValues()
    {
        var truth = Labels.Parse("""
            common: &place {namespace: shop, root_cause: true}
            fault: [{condition: x}]
            groups:
              - {<<: *place, id: a, kind: Service, filter: &f [a]}
              - {<<: [*place], id: b, kind: Service, filter: *f, root_cause: false}
            """);

        Assert.Equal(("a", "shop"), (Assert.Single(truth.Causes).Id, truth.Causes[0].Names[0].Namespace));
        Assert.Equal(["a"], Assert.Single(truth.Victims).Filters);
    }

    [Fact]
    public void Parse_AliasesOfAliases_AreAliases()
    {
        var truth = Labels.Parse("""
            fault: [{condition: x}]
            groups:
              - {id: a, kind: Service, filter: [a], root_cause: true}
              - {id: b, kind: Service, filter: [b]}
              - {id: c, kind: Service, filter: [c]}
              - {id: d, kind: Service, filter: [d]}
            aliases: [[c, b], [b, a], [d]]
            """);

        Assert.Equal(["a", "b", "c"], Assert.Single(truth.Causes).Names.Select(n => n.Filters[0]));
        Assert.Equal(["d"], truth.Victims.Select(v => v.Filters[0]));
    }

    [Fact]
    public void Parse_TwoRootsInOneSet_AreOneCause()
    {
        var truth = Labels.Parse("""
            fault: [{condition: x}]
            groups:
              - {id: a, kind: Service, filter: [a]}
              - {id: b, kind: Service, filter: [b], root_cause: true}
              - {id: c, kind: Service, filter: [c], root_cause: yes}
            aliases: [[a, b], [b, c]]
            """);

        Assert.Equal("b", Assert.Single(truth.Causes).Id);
        Assert.Equal(["b", "c", "a"], truth.Causes[0].Names.Select(n => n.Filters[0]));
    }

    [Theory]
    [InlineData("fault: []\ngroups: []")]
    [InlineData("fault:\ngroups:\naliases: ~\npropagations: null")]
    [InlineData("groups: []")]
    [InlineData("entities: []")]
    [InlineData("fault: []\ngroups: [{id: a, kind: Service, filter: [a]}]")]
    public void Parse_NoFaultAndNoRoot_NothingIsWrong(string yaml) => Assert.Empty(Labels.Parse(yaml).Causes);

    [Theory]
    [InlineData("", "label.yaml:1: the file is empty. Write it")]
    [InlineData("# nothing", "label.yaml:1: the file is empty.")]
    [InlineData("just words", "label.yaml:1: a ground truth is no map.")]
    [InlineData("a: [b", "label.yaml:2: While parsing a flow sequence")]
    [InlineData("a: *b", "label.yaml:1: *b stands for nothing that ended before it. Write the value out.")]
    [InlineData("a: &b [*b]", "label.yaml:1: *b stands for nothing that ended before it.")]
    [InlineData("a: !!python/object/apply:os.system [x]", "label.yaml:1: the tag tag:yaml.org,2002:python/object/apply:os.system. Take the tag away.")]
    [InlineData("? [a]\n: b", "a key that is no text.")]
    [InlineData("groups: []\ngroups: []", "label.yaml:2: the key groups for the second time, first in line 1.")]
    [InlineData("groups: []\n---\ngroups: []", "a second document. Keep one document in a file.")]
    [InlineData("fault: []", "label.yaml:1: neither groups nor entities. Add groups:")]
    [InlineData("kind: Scenario\nspec: {groups: []}", "label.yaml:1: the kind is Scenario. Give a file of kind GroundTruth")]
    [InlineData("groups: one", "label.yaml:1: groups is no list.")]
    [InlineData("groups: [a]", "label.yaml:1: a group is no map.")]
    [InlineData("groups:\n  - {kind: Pod}", "label.yaml:2: a group has no id. Add id: to it.")]
    [InlineData("groups:\n  - {id: a, kind: Pod, root_cause: true}", "label.yaml:2: the root cause a has neither filter nor name. Add filter: or name: to it.")]
    [InlineData("groups:\n  - {id: a, filter: [x], root_cause: true}", "label.yaml:2: the root cause a has no kind. Add kind: to it.")]
    [InlineData("groups:\n  - {id: a, kind: Pod, filter: [x], root_cause: maybe}", "label.yaml:2: root_cause is neither true nor false.")]
    [InlineData("groups:\n  - {id: a, kind: Pod, filter: {x: y}}", "label.yaml:2: filter is no list.")]
    [InlineData("groups:\n  - {id: a, kind: Pod, filter: [[x]]}", "label.yaml:2: filter is no text.")]
    [InlineData("groups:\n  - {id: a, kind: Pod, filter: [x]}\n  - {id: a, kind: Pod, filter: [y]}", "two groups a that differ. Give each group an id of its own.")]
    [InlineData("fault: [{condition: x}]\ngroups:\n  - {id: a, kind: Pod, filter: [x]}", "label.yaml:3: a fault, and no group is its root cause. Mark the group with root_cause: true")]
    [InlineData("fault: [{condition: x}]\ngroups: []", "label.yaml:2: a fault, and no group is its root cause.")]
    [InlineData("groups: []\naliases:\n  - [ghost]", "label.yaml:3: the alias ghost is no group. Write the id of a group")]
    [InlineData("entities:\n  - {kind: Pod}", "label.yaml:2: an entity has no metadata. Add metadata: with its name.")]
    [InlineData("entities:\n  - {kind: Pod, metadata: {namespace: x}}", "label.yaml:2: an entity has no name.")]
    [InlineData("entities:\n  - {metadata: {name: x}}", "label.yaml:2: an entity has no kind.")]
    public void Parse_FileFaulty_SaysWhereWhatAndTheRemedy(string yaml, string says) => Assert.Contains(says, Assert.Throws<FileFaultException>(() => Labels.Parse(yaml)).Message);

    [Fact]
    public void Parse_NoUtf8_SaysSo() => Assert.Contains("x:2: the bytes are no UTF-8", Assert.Throws<FileFaultException>(() => ItBenchTruth.Parse("x", [(byte)'a', (byte)'\n', 0xC3, 0x28])).Message);

    [Fact]
    public void Load_NoFile_SaysSo()
    {
        using var folder = new TempFolder();

        Assert.Contains("cannot be read", Assert.Throws<FileFaultException>(() => ItBenchTruth.Load(folder.Combine("ground_truth.yaml"))).Message);
    }

    /// <summary>Small files that stand for a great deal, and such as would use up a stack.</summary>
    [Fact]
    public void Parse_Bombs_AreRefusedAtOnce()
    {
        var levels = string.Concat(Enumerable.Range(1, 20).Select(i => $"l{i}: &l{i} [{string.Join(',', Enumerable.Repeat($"*l{i - 1}", 10))}]\n"));
        Assert.Contains("filter is no text", Fault($"l0: &l0 [x]\n{levels}groups: [{{id: a, kind: Pod, filter: *l20}}]"));
        // 2,000 alias sets of 2,000 members each, in 30 kB.
        var members = string.Join(',', Enumerable.Repeat("a", 2000));
        Assert.Contains("aliases counted each time", Fault($"m: &m [{members}]\ngroups: [{{id: a, kind: Pod, filter: [x]}}]\naliases: [{string.Join(',', Enumerable.Repeat("*m", 2000))}]"));
        var merges = string.Concat(Enumerable.Range(1, 60).Select(i => $"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}\n"));
        Assert.Contains("aliases counted each time", Fault($"m0: &m0 {{}}\n{merges}groups: [*m60]"));
        Assert.Contains("more than 64 levels", Fault(new string('[', 300_000)));
        Assert.Contains("more than 64 levels", Fault(string.Concat(Enumerable.Range(0, 500).Select(i => new string(' ', i) + "a:\n"))));
        Assert.Contains("more than 100000 values", Fault($"[{string.Join(',', Enumerable.Repeat("a", 200_000))}]"));
        Assert.Contains("longer than 1 MiB", Fault("groups: []\n#" + new string('x', 1 << 20)));

        static string Fault(string yaml) => Assert.Throws<FileFaultException>(() => Labels.Parse(yaml)).Message;
    }

    /// <summary>Whatever stands in a file, it is a truth or a fault in words.</summary>
    [Fact]
    public void Parse_AnyDamage_IsATruthOrAFaultInWords()
    {
        var whole = Encoding.UTF8.GetBytes(Labels.Checkout);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 40], Gen.Byte.Array[0, 6]).Sample((at, length, instead) =>
        {
            byte[] damaged = [.. whole[..at], .. instead, .. whole[Math.Min(whole.Length, at + length)..]];
            try
            {
                return ItBenchTruth.Parse("label.yaml", damaged).Causes.Count >= 0;
            }
            catch (FileFaultException e)
            {
                return e.Message.StartsWith("label.yaml:", StringComparison.Ordinal) && !e.Message.Contains('\n', StringComparison.Ordinal);
            }
        }, iter: TestCounts.Pick(reduced: 3000, full: 100_000));
    }

    private static string Words(GroundTruth truth) =>
        string.Join(" | ", truth.Causes.Select(c => $"{c.Id} {c.Mechanism} {c.Condition} {string.Join(",", c.Names.Select(Words))}").Concat(truth.Victims.Select(Words)).Concat(truth.Defects));

    private static string Words(EntityPattern pattern) => $"{pattern.Namespace}/{pattern.Kind}/{string.Join(" or ", pattern.Filters)}";
}
