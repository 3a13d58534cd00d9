using Copilot.UseCases;
using MediatR;
using Quartz;

namespace Copilot.Work;

/// <summary>Carries out one requested investigation. Whether it is its turn is decided where the request is kept, so that a job that is fired twice does nothing twice.</summary>
internal sealed class InvestigationJob(IMediator mediator, WorkSignal signal, Stopping stopping) : IJob
{
    public const string Group = "investigations";

    public static JobKey KeyOf(string request) => new(request, Group);

    public static IJobDetail For(string request) => JobBuilder.Create<InvestigationJob>().WithIdentity(KeyOf(request)).RequestRecovery().Build();

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await mediator.Send(new RunInvestigation(context.JobDetail.Key.Name), stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.Token.IsCancellationRequested)
        {
            // It was given back; the next start goes on with it.
        }
        finally
        {
            signal.Raise();
        }
    }
}
