using Copilot.Bench.Grading;
using Copilot.Bench.Truths;
using Xunit;

namespace Copilot.Tests.Bench.Grading;

public sealed class EntityMatcherTests
{
    /// <summary>Label (namespace/Kind/filter), name, lenient, strict.</summary>
    [Theory]
    // Workloads are one.
    [InlineData(@"shop/Deployment/cart\b", "shop/Deployment/cart", true, true)]
    [InlineData(@"shop/Deployment/cart\b", "shop/Pod/cart-755465879b-rh5r4", true, false)]
    [InlineData(@"shop/Deployment/cart\b", "shop/ReplicaSet/cart-755465879b", true, false)]
    [InlineData(@"shop/Pod/cart-.*", "shop/StatefulSet/cart", true, false)]
    [InlineData(@"shop/Pod/cart-.*", "shop/Pod/cart-0", true, true)]
    [InlineData(@"shop/Pod/cart-.*", "shop/Pod/cart-x2x4z", true, true)]
    [InlineData(@"shop/Pod/cart-.*", "shop/Rollout/cart", true, false)]
    [InlineData("shop/Deployment/product-catalog-.*", "shop/Deployment/product-catalog", true, false)]
    [InlineData(@"shop/Deployment/cart\-.+$", "shop/Deployment/cart", true, false)]
    [InlineData("shop/Pod/cart-755465879b-rh5r4", "shop/Deployment/cart", true, false)]
    [InlineData("shop/Pod/kafka-0", "shop/StatefulSet/kafka", true, false)]
    // Other pods of the same set are others.
    [InlineData("shop/Pod/kafka-0", "shop/Pod/kafka-1", false, false)]
    [InlineData(@"shop/Deployment/cart\b", "shop/Deployment/cart-canary", false, true)]
    [InlineData("shop/Pod/cart-.*", "shop/Deployment/cart-canary", false, false)]
    [InlineData("shop/Pod/cart-.*", "shop/Pod/cart-canary-755465879b-rh5r4", false, true)]
    [InlineData("shop/Pod/frontend-.*", "shop/Pod/frontend-proxy-755465879b-rh5r4", false, true)]
    [InlineData(@"shop/Deployment/cart\b", "shop/Deployment/valkey-cart", false, true)]
    [InlineData(@"shop/Deployment/cart\b", "shop/Pod/cart-proxy", false, false)]
    [InlineData("shop/Pod/ad-.*", "shop/Deployment/load-generator", false, false)]
    [InlineData(@"shop/Deployment/cart\b", "shop/Service/cart", false, false)]
    [InlineData(@"shop/Deployment/cart\b", "shop/Deployment/cart-755465879b", false, true)]
    // Jobs are one with their pods, and not with Deployments.
    [InlineData("shop/Job/backup-29440000", "shop/CronJob/backup", true, false)]
    [InlineData("shop/CronJob/backup", "shop/Pod/backup-29440000-x2x4z", true, false)]
    [InlineData("shop/CronJob/backup", "shop/Deployment/backup", false, false)]
    [InlineData("shop/Pod/backup-.*", "shop/CronJob/backup", false, false)]
    [InlineData("shop/Deployment/backup", "shop/CronJob/backup", false, false)]
    // Experiments.
    [InlineData("chaos/NetworkChaos/.*product-catalog", "chaos/Schedule/otel-demo-product-catalog-network-delay", true, false)]
    [InlineData("chaos/NetworkChaos/.*product-catalog", "chaos/NetworkChaos/otel-demo-product-catalog-network-delay-x2x4z", true, true)]
    [InlineData("chaos/StressChaos/cart-stress", "chaos/Schedule/cart-stress", true, false)]
    [InlineData("chaos/HttpChaos/email-http", "chaos/HTTPChaos/email-http-x2x4z", true, false)]
    [InlineData("chaos/Schedule/.*recommendation", "chaos/Schedule/otel-demo-recommendation-cpu-stress", true, true)]
    [InlineData("chaos/Schedule/.*recommendation", "chaos/StressChaos/otel-demo-recommendation-cpu-stress-x2x4z", false, false)]
    [InlineData("chaos/NetworkChaos/cart-delay", "chaos/PodChaos/cart-delay", false, false)]
    [InlineData("chaos/NetworkChaos/cart-delay", "chaos/NetworkChaos/valkey-cart-delay", false, true)]
    [InlineData("chaos/NetworkChaos/cart-delay", "other/Schedule/cart-delay", false, false)]
    [InlineData("chaos/JVMChaos/.*adservice", "chaos/Schedule/otel-demo-ad-jvm-return", false, false)]
    // Everything else by its whole name.
    [InlineData("shop/ConfigMap/flagd-config", "shop/ConfigMap/flagd-config", true, true)]
    [InlineData("shop/ConfigMap/flagd-config", "shop/ConfigMap/flagd-config-ro", false, true)]
    [InlineData("shop/ConfigMap/flagd-.*", "shop/ConfigMap/flagd-config-ro", true, true)]
    [InlineData("shop/NetworkPolicy/block", "shop/NetworkPolicy/my-block", false, true)]
    // Spelling of services.
    [InlineData(@"shop/Service/adservice\b", "shop/Service/ad", true, false)]
    [InlineData(@"shop/Service/ad\b", "shop/Service/ad-service", true, true)]
    [InlineData(@"shop/Deployment/ad-service", "shop/Pod/adservice-755465879b-rh5r4", true, false)]
    [InlineData(@"shop/ConfigMap/adservice", "shop/ConfigMap/ad", false, false)]
    [InlineData(@"shop/Service/service", "shop/Service/service", true, true)]
    // Namespaces and scopes.
    [InlineData(@"/Deployment/cart\b", "anywhere/Deployment/cart", true, true)]
    [InlineData(@"shop/Deployment/cart\b", "cluster/Deployment/cart", false, false)]
    [InlineData("shop/Namespace/shop", "cluster/Namespace/shop", true, false)]
    [InlineData("/Node/worker-1", "cluster/Node/worker-1", true, true)]
    [InlineData("/Node/worker-1", "default/Node/worker-1", true, true)]
    [InlineData("kube-system/Node/worker-1", "cluster/Node/worker-1", true, false)]
    [InlineData("x/ValidatingWebhookConfiguration/w", "cluster/ValidatingWebhookConfiguration/w", true, false)]
    [InlineData(@"shop/Deployment/cart\b", "Shop/deployment/cart", true, false)]
    // Any kind.
    [InlineData("//^cart$", "shop/ConfigMap/cart", true, true)]
    [InlineData("//^cart$", "shop/Pod/cart-755465879b-rh5r4", true, false)]
    [InlineData("//^cart$", "chaos/NetworkChaos/cart-delay", false, false)]
    public void Fits_LabelAndName_AsStated(string label, string name, bool lenient, bool strict)
    {
        var parts = label.Split('/', 3);
        var pattern = new EntityPattern(parts[1].Length == 0 ? null : parts[1], parts[0].Length == 0 ? null : parts[0], [parts[2]]);

        Assert.Equal((lenient, strict), (EntityMatcher.Lenient.Fits(pattern, name), EntityMatcher.Strict.Fits(pattern, name)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("cart")]
    [InlineData("shop/cart")]
    [InlineData("//")]
    [InlineData("shop//cart")]
    [InlineData("/Deployment/cart")]
    [InlineData("shop/Deployment/")]
    [InlineData("shop/Deployment/ cart")]
    [InlineData("shop/Deployment/cart\0")]
    [InlineData("shop/Deployment/ca\nrt")]
    [InlineData("shop/Deployment/cart.*")]
    [InlineData(@"shop/Deployment/cart\b")]
    [InlineData("shop/Deployment/[a-z]")]
    [InlineData("shop/Deployment/саrt")]
    [InlineData("shop/Deployment/cart\u200B")]
    [InlineData("shop／Deployment／cart")]
    public void Parse_WhatIsNoName_NamesNothing(string? name)
    {
        Assert.Null(EntityName.Parse(name));
        Assert.False(EntityMatcher.Lenient.Fits(new(null, null, [".*"]), name) || EntityMatcher.Strict.Fits(new(null, null, [".*"]), name));
    }

    [Fact]
    public void Parse_Absurdly_Long_NamesNothing()
    {
        Assert.Null(EntityName.Parse("shop/Deployment/" + new string('x', 100_000)));
        Assert.NotNull(EntityName.Parse("shop/Deployment/" + new string('x', 253)));
    }

    [Theory]
    [InlineData(" shop/Deployment/cart \n", "cart")]
    [InlineData("shop/Service/Updater/prod_AWS::ApiGateway::Stage", "Updater/prod_AWS::ApiGateway::Stage")]
    [InlineData("shop/Service/PGSQL Query_remote", "PGSQL Query_remote")]
    [InlineData("External/Host/pay.example:443", "pay.example:443")]
    [InlineData("cluster/ClusterRole/system:node", "system:node")]
    public void Parse_NamesAsTheyOccur_AreTakenApart(string text, string name) => Assert.Equal(name, EntityName.Parse(text)?.Name);

    [Fact]
    public void Troubles_OfABrokenFilter_SayIt() =>
        Assert.Equal(["The filter ( fits nothing: a parenthesis is not closed."], EntityMatcher.Troubles(new(null, null, ["(", "fine"])));
}
