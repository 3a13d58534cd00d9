using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Actions.Api;
using Copilot.Core.Approvals;

namespace Copilot.Executor;

/// <summary>Carries steps out, takes them back, looks which took effect, and tries them without effect.</summary>
internal sealed class Carrier(OwnFolder own, Host host, StepRunner runner, Action<string> say)
{
    private static readonly TimeSpan LongestSaying = TimeSpan.FromSeconds(60);

    /// <summary>Sends the steps as a dry run, and answers with what they would change.</summary>
    public async Task Try(JsonObject asked, CancellationToken cancellation)
    {
        var (id, plan, commands) = Read(asked);
        say($"tries plan {plan.Digest[..19]} without effect");
        var steps = new JsonArray();
        for (var i = 0; i < plan.Steps.Count; i++)
        {
            var (outcome, says, _) = await runner.Try(plan.Steps[i], commands[i], cancellation);
            steps.Add((JsonNode)new JsonObject { ["outcome"] = outcome, ["says"] = says });
        }
        await host.Tried(id, steps, cancellation);
    }

    private static (string Id, Plan Plan, List<HandoffCommand> Commands) Read(JsonObject asked)
    {
        var commands = (asked["commands"] as JsonArray)?.OfType<JsonObject>().Select(c => ApiAnswer.Text(c, "does") is { } does ? new HandoffCommand(does, true, ApiAnswer.Text(c, "back"), true) : null).OfType<HandoffCommand>().ToList();
        return ApiAnswer.Text(asked, "id") is { } id && asked["plan"] is JsonObject json && PlanReader.Read(json) is { } plan && commands?.Count == plan.Steps.Count
            ? (id, plan, commands) : throw new FormatException("The copilot asks for a dry run in a form that this executor does not know.");
    }

    public async Task Do(ApprovalRequest request, CancellationToken cancellation)
    {
        var back = request.State == ApprovalState.RollingBack;
        var run = (back ? request.RollbackRun : request.Execution) ?? throw new FormatException($"The copilot gives a request that is {request.State.Name()} and that nobody has in hand.");
        say($"{request.Id} {request.State.Name().Replace('_', ' ')}: {request.Ask.Plan["cause"]}");
        var fault = GrantCheck.Fault(request, own.Registration, own.Journal, DateTimeOffset.UtcNow);
        if (request.State == ApprovalState.Reconciling)
        {
            await Reconcile(request, run.Fence, fault, cancellation);
            return;
        }
        var plan = fault is null ? PlanReader.Read(request.Ask.Plan) : null;
        var due = back ? ByExecutor.ToTakeBack(request) : [.. Enumerable.Range(0, request.Ask.Commands.Count)];
        var touched = new HashSet<ActionTarget>(run.Steps.Where(s => s.Outcome == StepReport.Applied && plan is not null).Select(s => plan!.Steps[s.Step].Target));
        foreach (var step in due.Skip(run.Steps.Count))
        {
            if (!await host.MayGoOn(request.Id, run.Fence, cancellation))
            {
                say($"{request.Id} does not go on before step {step + 1}: it was stopped, or is no longer this executor's");
                return;
            }
            var done = plan is null ? new(StepReport.Refused, $"This executor does not carry it out: {fault}.", null) : await runner.Do(request, plan, step, run.Fence, back, touched, cancellation);
            var outcome = done.Outcome;
            if (outcome == StepReport.Applied) touched.Add(plan!.Steps[step].Target);
            say($"{request.Id} step {step + 1} {(back ? "back " : "")}{outcome}");
            if (await Say(request.Id, run.Fence, found: false, [(step, done)], cancellation) is { } refused)
            {
                say($"{request.Id} the copilot does not take that: {refused}");
                return;
            }
            if (outcome is not (StepReport.Applied or StepReport.Already)) return;
        }
    }

    /// <summary>Which steps took effect, by the objects alone.</summary>
    private async Task Reconcile(ApprovalRequest request, int fence, string? fault, CancellationToken cancellation)
    {
        var findings = new List<(int Step, StepOutcome Done)>();
        for (var i = 0; i < request.Ask.Commands.Count; i++)
            findings.Add((i, fault is null ? await runner.Find(request, PlanReader.Read(request.Ask.Plan), i, cancellation) : new(StepReport.Unknown, $"This executor does not look: {fault}.", null)));
        foreach (var (step, done) in findings) say($"{request.Id} step {step + 1} {done.Outcome.Replace('_', ' ')}");
        if (await Say(request.Id, fence, found: true, findings, cancellation) is { } refused) say($"{request.Id} the copilot does not take that: {refused}");
    }

    /// <summary>Signs, keeps and sends what there is to say, until the host has it or the lease is over.</summary>
    /// <returns>Null when it was taken; else why not.</returns>
    private async Task<string?> Say(string request, int fence, bool found, IReadOnlyList<(int Step, StepOutcome Done)> all, CancellationToken cancellation)
    {
        var reports = new List<StepReport>();
        foreach (var (step, done) in all)
        {
            var metadata = done.Seen?["metadata"] as JsonObject;
            var report = new StepReport(step, done.Outcome, DateTimeOffset.UtcNow, own.Journal.Last, ApiAnswer.Text(metadata, "uid"), ApiAnswer.Text(metadata, "resourceVersion"), "");
            var signed = report.Bytes(own.Registration.Name, request, fence);
            own.Journal.Say(request, fence, step, signed);
            reports.Add(report with { Signature = own.Sign(signed) });
        }
        for (var until = DateTimeOffset.UtcNow + LongestSaying; ; await Task.Delay(TimeSpan.FromMilliseconds(500), cancellation))
        {
            try
            {
                return await host.Report(request, fence, found, reports, [.. all.Select(a => a.Done.Says)], cancellation);
            }
            catch (HttpRequestException e) when (DateTimeOffset.UtcNow < until)
            {
                say($"{request} cannot be reported yet: {e.Message}");
            }
            catch (HttpRequestException e)
            {
                return e.Message;
            }
        }
    }
}
