using System.Globalization;
using System.Text.RegularExpressions;
using Copilot.Bench.Truths;
using Copilot.Tests.Bench.Grading;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Truths;

/// <summary>The published labels, where they lie beside the repository: every one is read, and its best honest answer scores what the label lets it.</summary>
public sealed class RealLabelsTests
{
    private const string Flags = "otel-demo/ConfigMap/flagd-config";

    /// <summary>The object that was changed, as the cluster calls it, with what it scores leniently and by the letter.</summary>
    private static readonly (int Scenario, double Lenient, double Strict, string[] Answer)[] Honest =
    [
        (1, 1, 0, ["otel-demo/Deployment/load-generator"]),
        (2, 1, 1, [Flags]),
        (3, 1, 1, [Flags]),
        (4, 1, 1, [Flags]),
        (5, 1, 1, [Flags]),
        (6, 1, 1, [Flags]),
        (7, 1, 1, [Flags]),
        (8, 1, 1, [Flags]),
        (11, 1, 1, [Flags]),
        (12, 1, 1, [Flags]),
        (13, 1, 1, [Flags]),
        (14, 1, 1, [Flags]),
        (15, 1, 1, [Flags]),
        (16, 1, 1, ["otel-demo/Deployment/shipping"]),
        (17, 1, 0, ["chaos-mesh/Schedule/otel-demo-product-catalog-network-delay"]),
        (18, 1, 1, ["chaos-mesh/Schedule/otel-demo-product-catalog-network-delay"]),
        (19, 1, 1, ["chaos-mesh/Schedule/otel-demo-email-checkout-network-partition"]),
        (20, 1, 0, ["otel-demo/Deployment/product-catalog"]),
        (21, 1, 0, ["chaos-mesh/Schedule/otel-demo-valkey-memory-stress"]),
        (22, 1, 0, ["chaos-mesh/Schedule/otel-demo-ad-memory-stress"]),
        (23, 1, 0, ["otel-demo/Deployment/checkout"]),
        (24, 1, 1, ["otel-demo/Deployment/checkout"]),
        (25, 1, 1, ["chaos-mesh/Schedule/otel-demo-recommendation-cpu-stress"]),
        (26, 1, 0, ["chaos-mesh/Schedule/otel-demo-email-http-chaos-post-body-tamper"]),
        (27, 1, 1, ["chaos-mesh/Schedule/otel-demo-quote-http-chaos-abort"]),
        (29, 0, 0, ["chaos-mesh/Schedule/otel-demo-ad-jvm-return"]),
        (31, 1, 1, ["otel-demo/NetworkPolicy/frontend-block-all-ports"]),
        (33, 0.5, 0, ["otel-demo/Deployment/ad", "otel-demo/Deployment/cart"]),
        (34, 1, 0, ["otel-demo/Deployment/valkey-cart"]),
        (35, 1, 0, ["chaos-mesh/Schedule/otel-demo-ad-jvm-chaos"]),
        (37, 1, 1, ["otel-demo/Namespace/otel-demo"]),
        (38, 1, 1, ["otel-demo/HorizontalPodAutoscaler/fraud-detection", "otel-demo/HorizontalPodAutoscaler/frontend", "otel-demo/HorizontalPodAutoscaler/image-provider"]),
        (40, 1, 0, ["otel-demo/Deployment/valkey-cart"]),
        (80, 1, 0, ["chaos-mesh/Schedule/otel-demo-checkout-kafka-network-partition"]),
        (81, 1, 0, ["chaos-mesh/Schedule/otel-demo-shipping-quote-network-partition"]),
        (83, 1, 0, ["chaos-mesh/Schedule/otel-demo-email-checkout-network-partition"]),
        (91, 1, 0, ["chaos-mesh/Schedule/otel-demo-fraud-detection-kafka-network-partition"]),
        (102, 0, 0, ["otel-demo/ResourceQuota/otel-demo-memory"]),
        (105, 1, 0, ["otel-demo/Deployment/product-catalog"]),
    ];

    /// <summary>Words of the defects that are published, by scenario.</summary>
    private static readonly (int Scenario, string Says)[] Published =
    [
        (1, "What was changed is a flag in the ConfigMap flagd-config"),
        (1, "The alias frontend-proxy-service-1 makes frontend-proxy, which the fault only reaches, as right as the root cause load-generator-pod-1."),
        (17, "The filter .*product-catalog of delay-otel-demo-product-catalog-1 begins with anything"),
        (18, "is a PodChaos, and by its name (product-catalog-network-delay) it should be a NetworkChaos."),
        (18, "is about product catalog by its name, and what it reaches is checkout-pod-1."),
        (19, "is about email checkout by its name, and what it reaches is quote-service-1."),
        (20, "The filter product-catalog-.* of productcatalog-deployment-1 cannot fit the bare name of a Deployment"),
        (23, "The filter checkout-.* of checkout-deployment-1 cannot fit the bare name of a Deployment"),
        (25, "The filter .*recommendation of otel-demo-recommendation-cpu-stress begins with anything"),
        (29, "no honest answer can be right"),
        (33, "Two Deployments were broken, ad and cart"),
        (37, "No fault is told, yet otel-demo-namespace-1 is a root cause."),
        (37, "The root cause otel-demo-namespace-1 is a whole Namespace"),
        (38, "The filter *.* of frontend-horizontal-pod-autoscalers-1 is no regular expression (nothing to repeat before *)"),
        (38, "The root causes fraud-detection-horizontal-pod-autoscalers-1, frontend-horizontal-pod-autoscalers-1, image-provider-horizontal-pod-autoscalers-1 cannot be told apart"),
        (102, "The root cause otel-demo-namespace-1 is a whole Namespace"),
        (102, "What was changed is a ResourceQuota"),
        (105, "The filter product-catalog-.* of product-catalog-deployment cannot fit the bare name of a Deployment"),
    ];

    private static readonly (int Scenario, string Mechanism)[] Mechanisms =
    [
        (2, "feature-flag"), (16, "environment-variable"), (17, "chaos-network"), (18, "chaos-pod"), (21, "chaos-stress"), (24, "environment-variable"), (25, "chaos-stress"),
        (26, "chaos-other"), (27, "chaos-other"), (29, "chaos-other"), (31, "network-policy"), (33, "scheduling"), (34, "credential"), (35, "chaos-other"), (38, "autoscaler"),
        (40, "disk"), (102, "quota"), (105, "bad-command"),
    ];

    private static Dictionary<int, GroundTruth> Read()
    {
        if (TestData.Find("itbench-real", "ground_truth") is not { } folder)
        {
            TestReport.Line("real labels: none beside the repository");
            return [];
        }
        return Directory.GetFiles(folder, "*.yaml").ToDictionary(f => int.Parse(Regex.Match(f, @"Scenario-(\d+)\.").Groups[1].Value, CultureInfo.InvariantCulture), ItBenchTruth.Load);
    }

    [Fact]
    public void Load_EveryRealLabel_ScoresTheHonestAnswerAsItMust()
    {
        var truths = Read();
        if (truths.Count == 0) return;

        Assert.Equal(Honest.Select(h => h.Scenario), truths.Keys.Order());
        Assert.Equal(
            Honest.Select(h => $"{h.Scenario}: {h.Lenient} {h.Strict}"),
            Honest.Select(h => (h.Scenario, Score: Answers.Grade(truths[h.Scenario], h.Answer))).Select(s => $"{s.Scenario}: {s.Score.Score} {s.Score.StrictScore}"));
        Assert.Equal(1, Answers.Grade(truths[33], "otel-demo/Deployment/ad").Score);
        Assert.Equal(1, Answers.Grade(truths[102], "cluster/Namespace/otel-demo").Score);
        TestReport.Line($"real labels: the honest answers score {Honest.Average(h => h.Lenient):0.000} leniently and {Honest.Average(h => h.Strict):0.000} by the letter, over {Honest.Length}");
    }

    [Fact]
    public void Load_EveryRealLabel_ListsThePublishedDefects()
    {
        var truths = Read();
        if (truths.Count == 0) return;
        foreach (var (scenario, truth) in truths.OrderBy(t => t.Key))
            foreach (var defect in truth.Defects) TestReport.Line($"label {scenario}: {defect}");

        Assert.Equal([], Published.Where(p => !truths[p.Scenario].Defects.Any(d => d.Contains(p.Says, StringComparison.Ordinal))));
    }

    [Fact]
    public void Load_EveryRealLabel_TellsTheMechanismWhereItIsSafe()
    {
        var truths = Read();
        if (truths.Count == 0) return;

        Assert.Equal(Mechanisms, Mechanisms.Select(m => (m.Scenario, truths[m.Scenario].Causes[0].Mechanism!)));
        Assert.All(new[] { 1, 20, 23, 37 }, n => Assert.Null(truths[n].Causes[0].Mechanism));
    }

    /// <summary>A label that differs in one byte is another label: what is published about the first is not said about it.</summary>
    [Fact]
    public void Parse_RealLabelChanged_LosesThePublishedDefects()
    {
        if (TestData.Find("itbench-real", "ground_truth", "Scenario-33.jan6a.ground_truth.yaml") is not { } file) return;
        byte[] bytes = [.. File.ReadAllBytes(file), (byte)'\n'];

        Assert.DoesNotContain(ItBenchTruth.Parse("x", bytes).Defects, d => d.Contains("Two Deployments", StringComparison.Ordinal));
    }
}
