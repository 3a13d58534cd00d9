using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Actions.Api;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;

namespace Copilot.Executor;

/// <summary>How one step went.</summary>
/// <param name="Outcome">One of those of <see cref="StepReport"/>.</param>
/// <param name="Seen">The object as it was seen last; null when it was not.</param>
internal sealed record StepOutcome(string Outcome, string Says, JsonObject? Seen);

/// <summary>Does one step at a time to the cluster.</summary>
internal sealed class StepRunner(Journal journal, Cluster cluster, Action<string> say)
{
    private const int MostTries = 5;

    /// <summary>Less than a lease, so that what was done can still be said.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(40);

    /// <summary>Sends a step as a dry run: what it would change.</summary>
    public async Task<StepOutcome> Try(PlanStep step, HandoffCommand command, CancellationToken cancellation)
    {
        // The status of a workload in trouble is written all the time, also between the reading and the call.
        for (var left = MostTries; left > 0; left--)
        {
            try
            {
                var (now, revisions) = await cluster.Read(step, cancellation);
                if (now is null) return new(StepReport.Refused, $"{step.Target} is not there.", null);
                switch (StepPatch.Forward(step, command, now, revisions, [], DateTimeOffset.UtcNow))
                {
                    case StepPatch.Already:
                        return new(StepReport.Already, $"{step.Target} is so already.", now);
                    case StepPatch.Impossible impossible:
                        return new(StepReport.Refused, impossible.Why, now);
                    case StepPatch.Needed needed:
                        switch (await cluster.Patch(step.Target, needed.Operations, dryRun: true, cancellation))
                        {
                            case Sent.Taken taken:
                                return new(StepReport.Applied, string.Join('\n', ChangePreview.Lines(now, taken.Object).DefaultIfEmpty("nothing changes")), now);
                            case Sent.Refused refused:
                                return new(StepReport.Refused, $"{refused.Why}.", now);
                            case Sent.Later later:
                                await Task.Delay(later.Wait, cancellation);
                                break;
                        }
                        break;
                }
            }
            catch (NotSeenException e)
            {
                return new(StepReport.Unknown, e.Message, null);
            }
        }
        return new(StepReport.Unknown, "Somebody writes to the object again and again, or the API server has too much to do.", null);
    }

    /// <summary>
    /// One step, once: what is sent holds only for the object as it was just read, and where an answer was lost the object itself tells whether it was taken.
    /// </summary>
    public async Task<StepOutcome> Do(ApprovalRequest request, Plan plan, int number, int fence, bool back, HashSet<ActionTarget> touched, CancellationToken cancellation)
    {
        var (step, approved) = (plan.Steps[number], WorldState.FromJson(request.Ask.World));
        // A change may be on its way since before a crash of this process, or since an answer was lost.
        var sent = journal.WasSent(request.Id, fence, number, back);
        var until = DateTimeOffset.UtcNow + Longest;
        for (var tries = 0; tries < MostTries && DateTimeOffset.UtcNow < until; tries++)
        {
            JsonObject? now;
            IReadOnlyList<RolloutRevision> revisions;
            try
            {
                (now, revisions) = await cluster.Read(step, cancellation);
            }
            catch (NotSeenException e)
            {
                if (!sent) return new(StepReport.Refused, $"The object could not be looked at, so nothing was sent: {e.Message}", null);
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
                continue;
            }
            var patch = now is null ? null : Patch(request, plan, number, back, now, revisions);
            if (patch is StepPatch.Already) return sent ? new StepOutcome(StepReport.Applied, "The answer was lost; the object shows that it was taken.", now) : new StepOutcome(StepReport.Already, "It was so already.", now);
            var moved = WorldState.Moved(approved, step.Target, new(now, [.. revisions.Select(r => r.Number)]), back || touched.Contains(step.Target));
            if (moved.Count > 0) return sent ? new StepOutcome(StepReport.Unknown, $"The answer was lost, and the object has changed since: {string.Join("; ", moved)}", now) : new StepOutcome(StepReport.Drifted, string.Join("; ", moved), now);
            if (patch is StepPatch.Impossible impossible) return sent ? new StepOutcome(StepReport.Unknown, $"The answer was lost: {impossible.Why}", now) : new StepOutcome(StepReport.Refused, impossible.Why, now);
            journal.Intend(new(request.Id, request.Grant!.Id, fence, number, back, ApiAnswer.Text(now!["metadata"] as JsonObject, "resourceVersion")!));
            switch (await cluster.Patch(step.Target, ((StepPatch.Needed)patch!).Operations, dryRun: false, cancellation))
            {
                case Sent.Taken taken:
                    return new(StepReport.Applied, string.Join('\n', ChangePreview.Lines(now!, taken.Object).DefaultIfEmpty("nothing changed")), taken.Object);
                case Sent.Refused refused when !sent:
                    return new(StepReport.Refused, $"{refused.Why}.", now);
                case Sent.Refused refused:
                    return new(StepReport.Unknown, $"{refused.Why}, after an answer was lost.", now);
                case Sent.Later later:
                    await Task.Delay(later.Wait, cancellation);
                    break;
                case Sent.Lost lost:
                    say($"{request.Id} step {number + 1}: {lost.Why}; looks again");
                    sent = true;
                    await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
                    break;
            }
        }
        return sent ? new StepOutcome(StepReport.Unknown, "The answer was lost, and the object could not be looked at since.", null) : new StepOutcome(StepReport.Refused, "Somebody writes to the object again and again, or the API server has too much to do; nothing was sent that it took.", null);
    }

    /// <summary>Whether a step took effect, by the object alone.</summary>
    public async Task<StepOutcome> Find(ApprovalRequest request, Plan plan, int number, CancellationToken cancellation)
    {
        var step = plan.Steps[number];
        try
        {
            var (now, revisions) = await cluster.Read(step, cancellation);
            if (now is null) return new(StepReport.Unknown, $"{step.Target} is gone.", null);
            if (Patch(request, plan, number, back: false, now, revisions) is StepPatch.Already) return new(StepReport.TookEffect, "The object is as the step would have left it.", now);
            var moved = WorldState.Moved(WorldState.FromJson(request.Ask.World), step.Target, new(now, [.. revisions.Select(r => r.Number)]));
            return moved.Count == 0 ? new(StepReport.DidNot, "The object is as it was approved.", now) : new(StepReport.Unknown, string.Join("; ", moved), now);
        }
        catch (NotSeenException e)
        {
            return new(StepReport.Unknown, e.Message, null);
        }
    }

    private static StepPatch Patch(ApprovalRequest request, Plan plan, int number, bool back, JsonObject now, IReadOnlyList<RolloutRevision> revisions)
    {
        var (step, known) = (plan.Steps[number], WorldState.FromJson(request.Ask.World).RevisionsOf(plan.Steps[number].Target));
        return back
            ? StepPatch.Backward(step, plan.Rollback.First(r => r.Reverses == step.IdempotencyKey), request.Ask.Commands[number], now, revisions, known)
            : StepPatch.Forward(step, request.Ask.Commands[number], now, revisions, known, request.Grant!.NotBefore);
    }
}
