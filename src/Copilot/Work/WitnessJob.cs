using Copilot.Configuration;
using Copilot.UseCases;
using MediatR;
using Quartz;
using Serilog;

namespace Copilot.Work;

/// <summary>Has the witnesses of the settings cosign the newest checkpoint.</summary>
[DisallowConcurrentExecution]
internal sealed class WitnessJob(IMediator mediator, ReceiptOptions options, ILogger log) : IJob
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static readonly JobKey Key = new("witnesses");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        if (options.Witnesses.Length == 0) return;
        var done = await mediator.Send(new SignCheckpoint([], [], null, Timeout), cancellationToken);
        foreach (var line in done.Said)
        {
            if (line.StartsWith("ALARM", StringComparison.Ordinal)) log.Error("{Said}", line);
            else if (done.Failed > 0) log.Warning("{Said}", line);
            else log.Information("{Said}", line);
        }
    }
}
