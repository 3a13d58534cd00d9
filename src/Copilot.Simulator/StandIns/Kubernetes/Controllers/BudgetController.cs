using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Counts for PodDisruptionBudgets how many pods may go.</summary>
internal sealed class BudgetController(ControlContext context)
{
    public void Sync()
    {
        foreach (var budget in context.Store.List(ResourceKinds.Budgets)) Write(budget);
    }

    private void Write(JsonObject budget)
    {
        var pods = context.Store.List(ResourceKinds.Pods, budget.Namespace()).Where(p => ControlContext.IsActive(p) && Selectors.Matches(budget.At("spec", "selector"), p)).ToList();
        if (pods.Count > 0 && pods.TrueForAll(context.Recorded.IsRecorded)) return;
        // How many there should be is what their owners want, also while some are missing.
        var expected = pods.Select(p => p.Controller().Text("uid")).Distinct().Sum(u => context.Store.List(ResourceKinds.ReplicaSets, budget.Namespace()).Concat(context.Store.List(ResourceKinds.StatefulSets, budget.Namespace())).FirstOrDefault(s => s.Uid() == u)?.Int("spec", "replicas") ?? 1);
        var healthy = pods.Count(ControlContext.IsReady);
        var desired = budget.At("spec", "minAvailable") is { } least ? DeploymentController.IntOrShare(least, expected, up: true)
            : expected - DeploymentController.IntOrShare(budget.At("spec", "maxUnavailable"), expected, up: true);
        context.Change(ResourceKinds.Budgets, budget, after =>
        {
            var status = after.Ensure("status");
            var allowed = Math.Max(0, healthy - desired);
            (status["currentHealthy"], status["desiredHealthy"], status["disruptionsAllowed"], status["expectedPods"]) = (healthy, desired, allowed, expected);
            status["observedGeneration"] = budget.Int("metadata", "generation");
            if (allowed > 0) context.SetCondition(after, "DisruptionAllowed", "True", "SufficientPods", "");
            else context.SetCondition(after, "DisruptionAllowed", "False", "InsufficientPods", "");
        }, "status");
    }
}
