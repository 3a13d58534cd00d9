using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Runs the pods of Jobs until enough have succeeded or too many have failed. Pods are not indexed.</summary>
internal sealed class JobController(ControlContext context, PodControl pods)
{
    private const string Component = "job-controller";

    public void Sync()
    {
        foreach (var job in context.Store.List(ResourceKinds.Jobs))
        {
            if (!job.IsDeleting() && !context.Recorded.IsUntouched(job) && !IsFinished(job)) Sync(job);
        }
    }

    private static bool IsFinished(JsonObject job) => job.Condition("Complete").Text("status") == "True" || job.Condition("Failed").Text("status") == "True";

    private void Sync(JsonObject job)
    {
        var all = context.PodsOf(job);
        var (succeeded, failed) = (all.Count(p => p.Text("status", "phase") == "Succeeded"), all.Count(p => p.Text("status", "phase") == "Failed"));
        var active = all.Where(ControlContext.IsActive).ToList();
        var wanted = job.Number("spec", "completions") ?? 1;
        var (isDone, isFailed) = (succeeded >= wanted, failed > (job.Number("spec", "backoffLimit") ?? 6));
        if (job.True("spec", "suspend") || isDone || isFailed)
        {
            foreach (var pod in active) pods.Delete(ResourceKinds.Jobs, job, pod, Component);
        }
        else
        {
            string? refused = null;
            for (var i = active.Count; i < Math.Min(job.Number("spec", "parallelism") ?? 1, wanted - succeeded) && refused is null; i++) refused = pods.Create(ResourceKinds.Jobs, job, job.At("spec", "template"), Component);
        }
        WriteStatus(job, succeeded, failed, isDone, isFailed);
        if (isDone) context.Record(ResourceKinds.Jobs, job, isWarning: false, "Completed", "Job completed", Component);
        if (isFailed) context.Record(ResourceKinds.Jobs, job, isWarning: true, "BackoffLimitExceeded", "Job has reached the specified backoff limit", Component);
    }

    private void WriteStatus(JsonObject job, int succeeded, int failed, bool isDone, bool isFailed)
    {
        var active = context.PodsOf(job).Where(ControlContext.IsActive).ToList();
        context.Change(ResourceKinds.Jobs, job, after =>
        {
            var status = after.Ensure("status");
            status["startTime"] ??= context.Now.Stamp();
            Set(status, "active", active.Count);
            Set(status, "succeeded", succeeded);
            Set(status, "failed", failed);
            status["ready"] = active.Count(ControlContext.IsReady);
            status["terminating"] = 0;
            status["uncountedTerminatedPods"] = new JsonObject();
            if (isDone)
            {
                context.SetCondition(after, "SuccessCriteriaMet", "True", "CompletionsReached", "Reached expected number of succeeded pods");
                context.SetCondition(after, "Complete", "True", "CompletionsReached", "Reached expected number of succeeded pods");
                status["completionTime"] = context.Now.Stamp();
            }
            if (isFailed)
            {
                context.SetCondition(after, "FailureTarget", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
                context.SetCondition(after, "Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
            }
        }, "status");
    }

    private static void Set(JsonObject status, string name, int value)
    {
        if (value == 0) status.Remove(name);
        else status[name] = value;
    }
}
