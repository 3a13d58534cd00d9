using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Serilog;

namespace Copilot.UseCases;

/// <summary>Tells people what is still to be told, oldest first. What is not delivered stays and is tried again; what is delivered and not noted comes twice, with the same id.</summary>
[Routine]
internal sealed record DeliverNotices : IRequest<int>;

internal sealed class DeliverNoticesHandler(CopilotStore store, ApprovalOptions options, TimeProvider time, ILogger log) : IRequestHandler<DeliverNotices, int>
{
    private const int AtOnce = 20;
    private const int MostAttempts = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Task<int> Handle(DeliverNotices request, CancellationToken cancellationToken)
    {
        if (CommandWords.Of(options.Notify) is not { Length: > 0 } words || !store.Exists) return Task.FromResult(0);
        var command = new OwnerCommand(words, Patience);
        var delivered = 0;
        foreach (var notice in store.Read(db => db.Notices.AsNoTracking().Where(n => n.DeliveredAt == null && n.Attempts < MostAttempts).OrderBy(n => n.Seq).Take(AtOnce).ToList()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fault = Fault(command, notice);
            store.Use(db => db.Notices.Where(n => n.Seq == notice.Seq && n.Channel == notice.Channel)
                .ExecuteUpdate(n => n.SetProperty(x => x.DeliveredAt, fault is null ? time.GetUtcNow() : (DateTimeOffset?)null).SetProperty(x => x.Attempts, x => x.Attempts + 1)));
            if (fault is not null)
            {
                log.Warning("the notice of {Request} for {Channel} was not delivered: {Command} {Fault}", notice.RequestId, notice.Channel, command.Name, fault);
                break;
            }
            delivered++;
        }
        return Task.FromResult(delivered);
    }

    private static string? Fault(OwnerCommand command, NoticeRow notice)
    {
        var line = new JsonObject { ["id"] = $"{notice.Seq}/{notice.Channel}", ["channel"] = notice.Channel, ["request"] = notice.RequestId, ["at"] = notice.At.UtcDateTime.ToString("O"), ["text"] = notice.Text };
        try
        {
            var (code, _, error) = command.Run([.. CanonicalJson.Serialize(line), .. "\n"u8]);
            return code == 0 ? null : $"ended with {code}{(error.Length > 0 ? $": {Core.Evidence.PlainText.Clean(error)}" : "")}";
        }
        catch (OwnerCommandException e)
        {
            return e.Message;
        }
    }
}
