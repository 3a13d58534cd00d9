using Copilot.UseCases;
using MediatR;
using Quartz;

namespace Copilot.Work;

/// <summary>Removes the values whose time is over, a few times a day.</summary>
[DisallowConcurrentExecution]
internal sealed class ExpiryJob(IMediator mediator) : IJob
{
    public static readonly JobKey Key = new("expiry");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await mediator.Send(new ExpireOpenings(DryRun: false), cancellationToken);
}
