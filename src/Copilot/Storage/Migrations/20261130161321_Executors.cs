using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Copilot.Storage.Migrations;

/// <summary>Executors, what they are to try, and when somebody stopped them.</summary>
internal sealed partial class Executors : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "ExecutorStops",
            columns: table => new
            {
                Seq = table.Column<long>(type: "INTEGER", nullable: false),
                By = table.Column<string>(type: "TEXT", nullable: false),
                Reason = table.Column<string>(type: "TEXT", nullable: false),
                At = table.Column<long>(type: "INTEGER", nullable: false),
                ResumedAt = table.Column<long>(type: "INTEGER", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_ExecutorStops", x => x.Seq);
                table.ForeignKey(
                    name: "FK_ExecutorStops_Receipts_Seq",
                    column: x => x.Seq,
                    principalTable: "Receipts",
                    principalColumn: "Seq",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "Executors",
            columns: table => new
            {
                Name = table.Column<string>(type: "TEXT", nullable: false),
                CodeHash = table.Column<byte[]>(type: "BLOB", nullable: true),
                CodeUntil = table.Column<long>(type: "INTEGER", nullable: false),
                Key = table.Column<string>(type: "TEXT", nullable: true),
                SeenAt = table.Column<long>(type: "INTEGER", nullable: true),
                DismissedAt = table.Column<long>(type: "INTEGER", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Executors", x => x.Name);
            });

        migrationBuilder.CreateTable(
            name: "DryRuns",
            columns: table => new
            {
                Id = table.Column<string>(type: "TEXT", nullable: false),
                Executor = table.Column<string>(type: "TEXT", nullable: false),
                Asked = table.Column<byte[]>(type: "BLOB", nullable: false),
                AskedAt = table.Column<long>(type: "INTEGER", nullable: false),
                Answer = table.Column<byte[]>(type: "BLOB", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_DryRuns", x => x.Id);
                table.ForeignKey(
                    name: "FK_DryRuns_Executors_Executor",
                    column: x => x.Executor,
                    principalTable: "Executors",
                    principalColumn: "Name",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateIndex(
            name: "IX_DryRuns_Executor",
            table: "DryRuns",
            column: "Executor");

        migrationBuilder.Sql("DROP TRIGGER Approvals_no_effect_without_grant");
        NoEffectWithoutGrant(migrationBuilder, "'handed_off', 'executing', 'partial', 'halted', 'reconciling', 'verifying', 'succeeded', 'rollback_pending', 'rolling_back', 'rolled_back', 'needs_human'");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP TRIGGER Approvals_no_effect_without_grant");
        NoEffectWithoutGrant(migrationBuilder, "'handed_off', 'verifying', 'succeeded', 'rollback_pending', 'rolling_back', 'rolled_back', 'needs_human'");

        migrationBuilder.DropTable(
            name: "DryRuns");

        migrationBuilder.DropTable(
            name: "ExecutorStops");

        migrationBuilder.DropTable(
            name: "Executors");
    }

    private static void NoEffectWithoutGrant(MigrationBuilder migrationBuilder, string states) => migrationBuilder.Sql($"""
        CREATE TRIGGER Approvals_no_effect_without_grant BEFORE UPDATE ON Approvals
        WHEN NEW.State IN ({states})
            AND NOT EXISTS (SELECT 1 FROM ConsumedGrants WHERE RequestId = NEW.Id)
        BEGIN SELECT RAISE(ABORT, 'Nothing is carried out without a consumed grant'); END;
        """);
}
