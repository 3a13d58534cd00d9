using Copilot.Configuration;
using Copilot.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Copilot.Work;

/// <summary>Wires the scheduler: on the copilot's own database, in the one process that serves.</summary>
internal static class Composition
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Expiry = TimeSpan.FromHours(6);

    public static IServiceCollection AddWork(this IServiceCollection services, QueueOptions queue, ReceiptOptions receipts, ApprovalOptions approvals, string database)
    {
        services.AddSingleton<Stopping>();
        // Before the scheduler: what was running is due again, and only then anything begins.
        services.AddHostedService<WorkPump>();
        services.AddQuartz(quartz =>
        {
            // A witness or a cluster that does not answer must not keep the sweep waiting.
            quartz.UseDefaultThreadPool(queue.Parallelism + 3);
            quartz.UsePersistentStore(store =>
            {
                store.UseSqlite(SqliteFactory.Instance, Connections.Text(database));
                store.ProvisionSchema();
            });
            quartz.AddJob<SweepJob>(job => job.WithIdentity(SweepJob.Key).StoreDurably());
            quartz.AddTrigger<SweepJob>(trigger => trigger.ForJob(SweepJob.Key).WithIdentity("sweep").StartNow().WithSimpleSchedule(s => s.WithInterval(Sweep).RepeatForever()));
            quartz.AddJob<ExpiryJob>(job => job.WithIdentity(ExpiryJob.Key).StoreDurably());
            quartz.AddTrigger<ExpiryJob>(trigger => trigger.ForJob(ExpiryJob.Key).WithIdentity("expiry").StartNow().WithSimpleSchedule(s => s.WithInterval(Expiry).RepeatForever()));
            quartz.AddJob<WitnessJob>(job => job.WithIdentity(WitnessJob.Key).StoreDurably());
            quartz.AddTrigger<WitnessJob>(trigger => trigger.ForJob(WitnessJob.Key).WithIdentity("witnesses").StartNow().WithSimpleSchedule(s => s.WithInterval(TimeSpan.FromSeconds(receipts.WitnessSeconds)).RepeatForever()));
            quartz.AddJob<ApprovalJob>(job => job.WithIdentity(ApprovalJob.Key).StoreDurably());
            quartz.AddTrigger<ApprovalJob>(trigger => trigger.ForJob(ApprovalJob.Key).WithIdentity("approvals").StartNow().WithSimpleSchedule(s => s.WithInterval(TimeSpan.FromSeconds(approvals.LookSeconds)).RepeatForever()));
        });
        return services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
    }
}
