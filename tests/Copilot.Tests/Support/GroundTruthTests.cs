using Xunit;

namespace Copilot.Tests.Support;

/// <summary>The measure is measured too.</summary>
public sealed class GroundTruthTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private GroundTruth Two()
    {
        var file = _folder.Combine("ground_truth.yaml");
        File.WriteAllText(file, """
            spec:
              groups:
                - {id: a, kind: Deployment, namespace: shop, filter: ['cart\b(?!-)'], root_cause: true}
                - {id: b, kind: NetworkChaos, namespace: chaos, filter: ['slow.*'], root_cause: true}
                - {id: c, kind: Service, namespace: shop, filter: ['web$']}
            """);
        return GroundTruth.Read(file);
    }

    [Theory]
    [InlineData(1.0, "shop/Deployment/cart", "chaos/Schedule/slow")]
    [InlineData(1.0, "shop/Pod/cart", "chaos/NetworkChaos/slow-abc")]
    [InlineData(0.0, "shop/Deployment/cart")]
    [InlineData(0.0)]
    [InlineData(0.0, "shop/Deployment/cart-canary", "chaos/Schedule/slow")]
    [InlineData(0.0, "other/Deployment/cart", "chaos/Schedule/slow")]
    [InlineData(0.0, "shop/Service/cart", "chaos/Schedule/slow")]
    [InlineData(2.0 / 3, "shop/Deployment/cart", "chaos/Schedule/slow", "shop/Service/web")]
    public void Score_OfAnAnswer_IsAsStated(double score, params string[] answer) => Assert.Equal(score, Two().Score(answer), 6);
}
