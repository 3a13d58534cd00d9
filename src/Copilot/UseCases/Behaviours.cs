using System.Diagnostics;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using MediatR;
using Serilog;
using Serilog.Events;

namespace Copilot.UseCases;

/// <summary>Checks one kind of request before its handler sees it.</summary>
internal interface IRequestCheck<in TRequest>
{
    /// <summary>What is wrong with the request; null when nothing is.</summary>
    string? Fault(TRequest request);
}

/// <summary>Refuses requests that a check finds fault with.</summary>
internal sealed class ValidationBehaviour<TRequest, TResponse>(IEnumerable<IRequestCheck<TRequest>> checks) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        checks.Select(c => c.Fault(request)).FirstOrDefault(f => f is not null) is { } fault ? throw new BadInputException(fault) : next();
}

/// <summary>A request that comes every other second: of it only what goes wrong is worth a line.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RoutineAttribute : Attribute;

/// <summary>Writes what was asked, how long it took and how it ended.</summary>
internal sealed class LoggingBehaviour<TRequest, TResponse>(ILogger log) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    private static readonly LogEventLevel Level = typeof(TRequest).IsDefined(typeof(RoutineAttribute), inherit: false) ? LogEventLevel.Debug : LogEventLevel.Information;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var name = typeof(TRequest).Name;
        var clock = Stopwatch.StartNew();
        log.Write(Level, "{Request} begins: {Detail}", name, request.ToString());
        try
        {
            var response = await next();
            log.Write(Level, "{Request} done in {Milliseconds} ms", name, clock.ElapsedMilliseconds);
            return response;
        }
        catch (BadInputException e)
        {
            log.Warning("{Request} refused after {Milliseconds} ms: {Reason}", name, clock.ElapsedMilliseconds, e.Message);
            throw;
        }
        catch (OperationCanceledException)
        {
            log.Warning("{Request} interrupted after {Milliseconds} ms", name, clock.ElapsedMilliseconds);
            throw;
        }
        catch (Exception e)
        {
            log.Error(e, "{Request} failed after {Milliseconds} ms", name, clock.ElapsedMilliseconds);
            throw;
        }
    }
}

/// <summary>What the copilot's own files say no to is for the person to mend.</summary>
internal sealed class StorageFaultBehaviour<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        try
        {
            return await next();
        }
        catch (FileFaultException e)
        {
            throw new BadInputException(e.Message, Refusal.OwnFiles);
        }
    }
}

/// <summary>Signs a checkpoint at the end of every request that recorded something, however it ended.</summary>
internal sealed class CheckpointBehaviour<TRequest, TResponse>(ReceiptLog receipts, ILogger log) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        TResponse response;
        try
        {
            response = await next();
        }
        catch
        {
            try
            {
                Sign();
            }
            catch (FileFaultException e)
            {
                // What went wrong first is what the person has to hear.
                log.Error(e, "no checkpoint could be signed");
            }
            throw;
        }
        Sign();
        return response;
    }

    private void Sign()
    {
        if (receipts.HasUnsigned) receipts.Checkpoint();
    }
}
