using Copilot.UseCases;
using MediatR;
using Quartz;

namespace Copilot.Work;

/// <summary>Ends requests whose time is over, looks at what came of steps, and tells people.</summary>
[DisallowConcurrentExecution]
internal sealed class ApprovalJob(IMediator mediator) : IJob
{
    public static readonly JobKey Key = new("approvals");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await mediator.Send(new SweepApprovals(), cancellationToken);
        await mediator.Send(new DeliverNotices(), cancellationToken);
    }
}
