using Copilot.UseCases;
using MediatR;
using Quartz;

namespace Copilot.Work;

/// <summary>Ends what is overdue and schedules what may begin. It runs every few seconds, and whenever something was asked for.</summary>
[DisallowConcurrentExecution]
internal sealed class SweepJob(IMediator mediator) : IJob
{
    public static readonly JobKey Key = new("sweep");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        foreach (var request in await mediator.Send(new SweepWork(), cancellationToken))
        {
            if (await context.Scheduler.Exists(InvestigationJob.KeyOf(request), cancellationToken)) continue;
            await context.Scheduler.ScheduleJob(InvestigationJob.For(request), TriggerBuilder.Create().StartNow().Build(), cancellationToken: cancellationToken);
        }
    }
}
