using Copilot.Core.Actions;
using Copilot.Executor;
using Copilot.Simulator.StandIns.Kubernetes;

namespace Copilot.EndToEnd.Executing;

/// <summary>Somebody with the rights that the executor's own manifests give.</summary>
internal static class ExecutorAccount
{
    public static KubernetesAccount Of(params IReadOnlyList<ActionKind> kinds) => new("system:serviceaccount:ops:copilot-executor", ["system:authenticated"],
        [.. Rights.Of(kinds.Count > 0 ? kinds : StepPatch.Kinds).Select(r => new KubernetesRule([r.Verb], [r.Group], [r.Resource]))]);
}
