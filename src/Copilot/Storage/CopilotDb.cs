using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Copilot.Storage;

/// <summary>The copilot's database. Contexts come from <see cref="CopilotStore"/>, which has checked the file and brought it up to date.</summary>
internal sealed class CopilotDb(DbContextOptions<CopilotDb> options) : DbContext(options)
{
    public DbSet<ReceiptRow> Receipts => Set<ReceiptRow>();

    public DbSet<CheckpointRow> Checkpoints => Set<CheckpointRow>();

    public DbSet<TileRow> Tiles => Set<TileRow>();

    public DbSet<CosignatureRow> Cosignatures => Set<CosignatureRow>();

    public DbSet<OpeningRow> Openings => Set<OpeningRow>();

    public DbSet<OpeningPartRow> OpeningParts => Set<OpeningPartRow>();

    public DbSet<ChunkRow> Chunks => Set<ChunkRow>();

    public DbSet<IncidentRow> Incidents => Set<IncidentRow>();

    public DbSet<InvestigationRow> Investigations => Set<InvestigationRow>();

    public DbSet<FeedbackRow> Feedback => Set<FeedbackRow>();

    public DbSet<RequestRow> Requests => Set<RequestRow>();

    public DbSet<AlertRow> Alerts => Set<AlertRow>();

    public DbSet<CallRow> Calls => Set<CallRow>();

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    public DbSet<ApprovalRow> Approvals => Set<ApprovalRow>();

    public DbSet<ApprovalEventRow> ApprovalEvents => Set<ApprovalEventRow>();

    public DbSet<ConsumedGrantRow> ConsumedGrants => Set<ConsumedGrantRow>();

    public DbSet<NoticeRow> Notices => Set<NoticeRow>();

    public DbSet<PolicyVersionRow> PolicyVersions => Set<PolicyVersionRow>();

    public DbSet<ExecutorRow> Executors => Set<ExecutorRow>();

    public DbSet<DryRunRow> DryRuns => Set<DryRunRow>();

    public DbSet<ExecutorStopRow> ExecutorStops => Set<ExecutorStopRow>();

    /// <summary>Reads what the database was at one moment, without keeping others from writing.</summary>
    public T AtOneMoment<T>(Func<T> read)
    {
        Database.OpenConnection();
        using var moment = ((SqliteConnection)Database.GetDbConnection()).BeginTransaction(deferred: true);
        using var transaction = Database.UseTransaction(moment);
        return read();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ReceiptRow>(receipt =>
        {
            receipt.ToTable("Receipts").HasKey(r => r.Seq);
            receipt.Property(r => r.Seq).ValueGeneratedNever();
            receipt.Property(r => r.Id).IsRequired();
            receipt.HasIndex(r => new { r.Stream, r.StreamSeq }).IsUnique();
            receipt.HasIndex(r => r.Id).IsUnique();
            receipt.HasIndex(r => new { r.Type, r.Seq });
        });
        modelBuilder.Entity<CheckpointRow>(checkpoint =>
        {
            checkpoint.ToTable("Checkpoints").HasKey(c => c.Size);
            checkpoint.Property(c => c.Size).ValueGeneratedNever();
        });
        modelBuilder.Entity<TileRow>(tile => tile.ToTable("Tiles").HasKey(t => new { t.Level, t.Index }));
        modelBuilder.Entity<CosignatureRow>(cosignature =>
        {
            cosignature.ToTable("Cosignatures").HasKey(c => new { c.Size, c.Key });
            cosignature.HasOne<CheckpointRow>().WithMany().HasForeignKey(c => c.Size).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<OpeningRow>(opening =>
        {
            opening.ToTable("Openings").HasKey(o => new { o.Seq, o.Pointer });
            opening.HasOne<ReceiptRow>().WithMany().HasForeignKey(o => o.Seq).OnDelete(DeleteBehavior.Restrict);
            opening.HasIndex(o => new { o.Retention, o.At });
        });
        modelBuilder.Entity<ChunkRow>(chunk => chunk.ToTable("Chunks").HasKey(c => c.Hash));
        modelBuilder.Entity<OpeningPartRow>(part =>
        {
            part.ToTable("OpeningParts").HasKey(p => new { p.Seq, p.Pointer, p.Part });
            part.HasOne<OpeningRow>().WithMany().HasForeignKey(p => new { p.Seq, p.Pointer }).OnDelete(DeleteBehavior.Restrict);
            part.HasOne<ChunkRow>().WithMany().HasForeignKey(p => p.Hash).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<IncidentRow>(incident =>
        {
            incident.ToTable("Incidents").HasKey(i => i.Id);
            incident.HasIndex(i => i.Source);
        });
        modelBuilder.Entity<InvestigationRow>(investigation =>
        {
            investigation.ToTable("Investigations").HasKey(i => i.Run);
            investigation.HasOne<IncidentRow>().WithMany().HasForeignKey(i => i.IncidentId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<FeedbackRow>(feedback =>
        {
            feedback.ToTable("Feedback").HasKey(f => f.Id);
            feedback.HasOne<IncidentRow>().WithMany().HasForeignKey(f => f.IncidentId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<RequestRow>(request =>
        {
            request.ToTable("Requests").HasKey(r => r.Id);
            request.HasOne<IncidentRow>().WithMany().HasForeignKey(r => r.IncidentId).OnDelete(DeleteBehavior.Restrict);
            request.HasIndex(r => new { r.By, r.IdempotencyKey }).IsUnique();
            request.HasIndex(r => new { r.State, r.NotBefore });
            // However many alerts come in, one investigation waits for an incident: that it stands once is the database's to keep.
            request.HasIndex(r => r.IncidentId, "IX_Requests_one_waiting").IsUnique().HasFilter("State = 'queued' AND Cause = 'alerts'");
            request.HasIndex(r => r.IncidentId, "IX_Requests_IncidentId");
        });
        modelBuilder.Entity<AlertRow>(alert =>
        {
            alert.ToTable("Alerts").HasKey(a => a.Id);
            alert.HasOne<IncidentRow>().WithMany().HasForeignKey(a => a.IncidentId).OnDelete(DeleteBehavior.Restrict);
            alert.HasIndex(a => new { a.IncidentId, a.Fingerprint }).IsUnique();
            alert.HasIndex(a => a.Fingerprint);
        });
        modelBuilder.Entity<CallRow>(call => call.ToTable("Calls").HasKey(c => new { c.Caller, c.Callee }));
        modelBuilder.Entity<ApprovalRow>(approval =>
        {
            approval.ToTable("Approvals").HasKey(a => a.Id);
            approval.HasOne<IncidentRow>().WithMany().HasForeignKey(a => a.IncidentId).OnDelete(DeleteBehavior.Restrict);
            approval.Property(a => a.Version).IsConcurrencyToken();
            approval.HasIndex(a => new { a.State, a.EndsAt });
            // Two that ask at once ask one thing.
            approval.HasIndex(a => new { a.IncidentId, a.Cause }, "IX_Approvals_one_open").IsUnique().HasFilter("State IN ('pending', 'approved', 'ready')");
            // What is null is no two times the same.
            approval.HasIndex(a => a.Cause, "IX_Approvals_one_change").IsUnique().HasFilter("IncidentId IS NULL AND State IN ('pending', 'approved', 'ready')");
        });
        modelBuilder.Entity<ApprovalEventRow>(happened =>
        {
            happened.ToTable("ApprovalEvents").HasKey(e => new { e.RequestId, e.Version });
            happened.HasOne<ApprovalRow>().WithMany().HasForeignKey(e => e.RequestId).OnDelete(DeleteBehavior.Restrict);
            happened.HasOne<ReceiptRow>().WithMany().HasForeignKey(e => e.Seq).OnDelete(DeleteBehavior.Restrict);
            happened.HasIndex(e => e.Seq).IsUnique();
        });
        modelBuilder.Entity<ConsumedGrantRow>(grant =>
        {
            grant.ToTable("ConsumedGrants").HasKey(g => g.GrantId);
            grant.HasOne<ApprovalRow>().WithMany().HasForeignKey(g => g.RequestId).OnDelete(DeleteBehavior.Restrict);
            grant.HasOne<ReceiptRow>().WithMany().HasForeignKey(g => g.Seq).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<NoticeRow>(notice =>
        {
            notice.ToTable("Notices").HasKey(n => new { n.Seq, n.Channel });
            notice.HasOne<ApprovalRow>().WithMany().HasForeignKey(n => n.RequestId).OnDelete(DeleteBehavior.Restrict);
            notice.HasIndex(n => n.DeliveredAt);
        });
        modelBuilder.Entity<PolicyVersionRow>(policy => policy.ToTable("PolicyVersions").HasKey(p => p.Digest));
        modelBuilder.Entity<ExecutorRow>(executor => executor.ToTable("Executors").HasKey(e => e.Name));
        modelBuilder.Entity<DryRunRow>(run =>
        {
            run.ToTable("DryRuns").HasKey(r => r.Id);
            run.HasOne<ExecutorRow>().WithMany().HasForeignKey(r => r.Executor).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<ExecutorStopRow>(stop =>
        {
            stop.ToTable("ExecutorStops").HasKey(s => s.Seq);
            stop.Property(s => s.Seq).ValueGeneratedNever();
            stop.HasOne<ReceiptRow>().WithMany().HasForeignKey(s => s.Seq).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<TokenRow>(token =>
        {
            token.ToTable("Tokens").HasKey(t => t.Name);
            token.HasIndex(t => t.Hash).IsUnique();
        });
    }
}

/// <summary>SQLite cannot order a DateTimeOffset; ticks it can. Ticks that are no time, in a row that was altered, still have to be read to be reported.</summary>
internal sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero));
