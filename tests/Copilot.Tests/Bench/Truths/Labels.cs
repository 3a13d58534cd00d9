using System.Text;
using Copilot.Bench.Truths;

namespace Copilot.Tests.Bench.Truths;

/// <summary>Labels written for tests.</summary>
internal static class Labels
{
    /// <summary>A bad image of checkout; frontend and its proxy suffer.</summary>
    public const string Checkout = """
        metadata: {version: "v1"}
        fault:
          - entity: {name: checkout, group_id: checkout-deployment, kind: Deployment}
            condition: image of checkout changed to one that does not exist
            category: Change
            fault_mechanism: custom
        groups:
          - {id: checkout-deployment, kind: Deployment, namespace: shop, filter: ['checkout\b'], root_cause: true}
          - {id: checkout-pod, kind: Pod, namespace: shop, filter: ['checkout-.*']}
          - {id: frontend-service, kind: Service, namespace: shop, filter: ['frontend\b']}
          - {id: frontend-pod, kind: Pod, namespace: shop, filter: ['frontend-.*']}
          - {id: proxy-service, kind: Service, namespace: shop, filter: ['frontend-proxy\b']}
        aliases: [[checkout-deployment, checkout-pod], [frontend-service, frontend-pod]]
        propagations:
          - {source: checkout-deployment, target: frontend-service, condition: no pods, effect: errors}
          - {source: frontend-service, target: proxy-service, condition: errors, effect: errors}
        """;

    /// <summary>Two causes that have nothing to do with each other.</summary>
    public const string CartAndDelay = """
        spec:
          fault:
            - {entity: {name: cart, kind: Deployment, group_id: a}, condition: environment variable of cart changed, fault_mechanism: custom}
            - {entity: {name: slow, kind: NetworkChaos, group_id: b}, condition: delay, fault_mechanism: chaos}
          groups:
            - {id: a, kind: Deployment, namespace: shop, filter: ['cart\b(?!-)'], root_cause: true}
            - {id: b, kind: NetworkChaos, namespace: chaos, filter: ['slow.*'], root_cause: true}
            - {id: c, kind: Service, namespace: shop, filter: ['web$']}
        """;

    /// <summary>Three causes that the label does not tell apart.</summary>
    public const string ThreeAlike = """
        fault: [{condition: misconfigured}]
        groups:
          - {id: one, kind: HorizontalPodAutoscaler, namespace: shop, filter: ['*.*'], root_cause: true}
          - {id: two, kind: HorizontalPodAutoscaler, namespace: shop, filter: ['*.*'], root_cause: true}
          - {id: three, kind: HorizontalPodAutoscaler, namespace: shop, filter: ['*.*'], root_cause: true}
        """;

    /// <summary>The Schedule is the cause, not one of its experiments.</summary>
    public const string Schedule = """
        fault: [{condition: CPU stress, fault_mechanism: chaos}]
        groups:
          - {id: s, kind: Schedule, namespace: chaos, filter: ['.*recommendation'], root_cause: true}
        """;

    public const string NothingWrong = """
        ---
        metadata: {version: v1}
        fault: []
        groups: []
        aliases: []
        """;

    public static GroundTruth Parse(string yaml) => ItBenchTruth.Parse("label.yaml", Encoding.UTF8.GetBytes(yaml));
}
