using Copilot.UseCases;
using MediatR;
using Microsoft.Extensions.Hosting;
using Quartz;
using Serilog;

namespace Copilot.Work;

/// <summary>Takes up what an earlier process left, before anything runs; then sweeps at once whenever something was asked for.</summary>
internal sealed class WorkPump(ISchedulerFactory schedulers, IMediator mediator, WorkSignal signal, ILogger log) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var left = await mediator.Send(new RecoverWork(), cancellationToken);
        if (left > 0) log.Warning("{Count} investigations were running when the last process ended; they are due again", left);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await signal.Wait(stoppingToken);
                var scheduler = await schedulers.GetScheduler(stoppingToken);
                await scheduler.TriggerJob(SweepJob.Key, cancellationToken: stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }
}
