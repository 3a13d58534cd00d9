using Copilot.Configuration;
using Copilot.Engine.Yaml;
using MediatR;
using Serilog;

namespace Copilot.UseCases;

/// <summary>Carries out a requested investigation, when it is its turn.</summary>
internal sealed record RunInvestigation(string Id) : IRequest<Unit>;

internal sealed class RunInvestigationHandler(
    InvestigationQueue queue, Investigator investigator, RulesSource rules, AlertRecorder alerts, InvestigationProgress progress, InvestigationOptions investigation, QueueOptions options, WorkMeter meter, TimeProvider time, ILogger log)
    : IRequestHandler<RunInvestigation, Unit>
{
    public Task<Unit> Handle(RunInvestigation request, CancellationToken cancellationToken)
    {
        if (queue.Claim(request.Id) is not { } claim) return Unit.Task;
        var began = time.GetTimestamp();
        Run(claim, cancellationToken);
        meter.Investigated(time.GetElapsedTime(began), queue.Find(claim.Id)!.State);
        return Unit.Task;
    }

    private void Run(ClaimedInvestigation claim, CancellationToken stopping)
    {
        var left = claim.Deadline - time.GetUtcNow();
        using var late = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, late.Token);
        var counter = progress.Begin(claim.Id);
        try
        {
            if (claim.Cause == InvestigationQueue.CauseAlerts) alerts.Record(claim.Scope.Incident!, claim.Snapshot);
            var workers = Math.Max(1, investigation.Workers / options.Parallelism);
            var outcome = investigator.Run(claim.Snapshot, claim.Scope, rules.Load(claim.Scope), workers, counter.ToRead, counter.Advanced, either.Token, new(claim, time)).Outcome;
            if (outcome.Refused is { } refused) queue.End(claim, QueueState.Refused, refused);
        }
        catch (TurnOverException)
        {
            // Too late by the clock that counts, the database's.
            queue.End(claim, QueueState.Expired, "It was not finished in time.");
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            queue.End(claim, QueueState.Expired, "It was not finished in time.");
        }
        catch (OperationCanceledException)
        {
            queue.GiveBack(claim);
            throw;
        }
        catch (BadInputException e)
        {
            queue.End(claim, QueueState.Refused, e.Message);
        }
        catch (FileFaultException e)
        {
            log.Warning("{Request} attempt {Attempt} failed: {Reason}", claim.Id, claim.Attempt, e.Message);
            queue.Retry(claim, e.Message);
        }
        catch (Exception e)
        {
            log.Error(e, "{Request} attempt {Attempt} failed", claim.Id, claim.Attempt);
            queue.Retry(claim, $"An internal error ({e.GetType().Name}); the log in the data folder has the details.");
        }
        finally
        {
            progress.End(claim.Id);
        }
    }
}

/// <summary>Before the work begins: what an earlier process left running is due again.</summary>
internal sealed record RecoverWork : IRequest<int>;

internal sealed class RecoverWorkHandler(InvestigationQueue queue) : IRequestHandler<RecoverWork, int>
{
    public Task<int> Handle(RecoverWork request, CancellationToken cancellationToken) => Task.FromResult(queue.Recover());
}

/// <summary>Ends what has waited too long, and tells what may begin now, oldest first.</summary>
[Routine]
internal sealed record SweepWork : IRequest<IReadOnlyList<string>>;

internal sealed class SweepWorkHandler(InvestigationQueue queue) : IRequestHandler<SweepWork, IReadOnlyList<string>>
{
    public Task<IReadOnlyList<string>> Handle(SweepWork request, CancellationToken cancellationToken)
    {
        queue.ExpireOverdue();
        return Task.FromResult(queue.Due());
    }
}
