using Copilot.Engine.Yaml;
using Copilot.Storage;
using MediatR;
using Serilog;

namespace Copilot.UseCases;

/// <summary>Whether the process could do what it is there for, now. The answer names the part; the log has the words, which name files.</summary>
[Routine]
internal sealed record CheckReadiness : IRequest<IReadOnlyList<string>>;

internal sealed class CheckReadinessHandler(CopilotStore store, RulesSource rules, ILogger log) : IRequestHandler<CheckReadiness, IReadOnlyList<string>>
{
    public Task<IReadOnlyList<string>> Handle(CheckReadiness request, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        Try("storage", () => store.Use(db =>
        {
            // Takes the lock that every receipt needs, and gives it back.
            using var transaction = db.Database.BeginTransaction();
            return db.Receipts.Any();
        }));
        Try("rules", () => rules.Load(IncidentScope.Unknown));
        return Task.FromResult<IReadOnlyList<string>>(faults);

        void Try<T>(string part, Func<T> work)
        {
            try
            {
                work();
            }
            catch (Exception e) when (e is FileFaultException or BadInputException)
            {
                log.Warning("not ready: {Part}: {Reason}", part, e.Message);
                faults.Add(part);
            }
        }
    }
}
