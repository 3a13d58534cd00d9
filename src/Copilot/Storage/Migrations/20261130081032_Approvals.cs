using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Copilot.Storage.Migrations;

/// <summary>Requests for approval, which receipt tells of each of their happenings, consumed grants, and what people are to be told.</summary>
internal sealed partial class Approvals : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "Approvals",
            columns: table => new
            {
                Id = table.Column<string>(type: "TEXT", nullable: false),
                IncidentId = table.Column<string>(type: "TEXT", nullable: false),
                Cause = table.Column<string>(type: "TEXT", nullable: false),
                State = table.Column<string>(type: "TEXT", nullable: false),
                Version = table.Column<int>(type: "INTEGER", nullable: false),
                EndsAt = table.Column<long>(type: "INTEGER", nullable: true),
                ReviewBy = table.Column<long>(type: "INTEGER", nullable: true),
                Document = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Approvals", x => x.Id);
                table.ForeignKey(
                    name: "FK_Approvals_Incidents_IncidentId",
                    column: x => x.IncidentId,
                    principalTable: "Incidents",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "ApprovalEvents",
            columns: table => new
            {
                RequestId = table.Column<string>(type: "TEXT", nullable: false),
                Version = table.Column<int>(type: "INTEGER", nullable: false),
                Seq = table.Column<long>(type: "INTEGER", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_ApprovalEvents", x => new { x.RequestId, x.Version });
                table.ForeignKey(
                    name: "FK_ApprovalEvents_Approvals_RequestId",
                    column: x => x.RequestId,
                    principalTable: "Approvals",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
                table.ForeignKey(
                    name: "FK_ApprovalEvents_Receipts_Seq",
                    column: x => x.Seq,
                    principalTable: "Receipts",
                    principalColumn: "Seq",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "ConsumedGrants",
            columns: table => new
            {
                GrantId = table.Column<string>(type: "TEXT", nullable: false),
                RequestId = table.Column<string>(type: "TEXT", nullable: false),
                Seq = table.Column<long>(type: "INTEGER", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_ConsumedGrants", x => x.GrantId);
                table.ForeignKey(
                    name: "FK_ConsumedGrants_Approvals_RequestId",
                    column: x => x.RequestId,
                    principalTable: "Approvals",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
                table.ForeignKey(
                    name: "FK_ConsumedGrants_Receipts_Seq",
                    column: x => x.Seq,
                    principalTable: "Receipts",
                    principalColumn: "Seq",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "Notices",
            columns: table => new
            {
                Seq = table.Column<long>(type: "INTEGER", nullable: false),
                Channel = table.Column<string>(type: "TEXT", nullable: false),
                RequestId = table.Column<string>(type: "TEXT", nullable: false),
                Text = table.Column<string>(type: "TEXT", nullable: false),
                At = table.Column<long>(type: "INTEGER", nullable: false),
                DeliveredAt = table.Column<long>(type: "INTEGER", nullable: true),
                Attempts = table.Column<int>(type: "INTEGER", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Notices", x => new { x.Seq, x.Channel });
                table.ForeignKey(
                    name: "FK_Notices_Approvals_RequestId",
                    column: x => x.RequestId,
                    principalTable: "Approvals",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateIndex(
            name: "IX_ApprovalEvents_Seq",
            table: "ApprovalEvents",
            column: "Seq",
            unique: true);

        migrationBuilder.CreateIndex(
            name: "IX_Approvals_State_EndsAt",
            table: "Approvals",
            columns: new[] { "State", "EndsAt" });

        migrationBuilder.CreateIndex(
            name: "IX_Approvals_one_open",
            table: "Approvals",
            columns: new[] { "IncidentId", "Cause" },
            unique: true,
            filter: "State IN ('pending', 'approved', 'ready')");

        migrationBuilder.CreateIndex(
            name: "IX_ConsumedGrants_RequestId",
            table: "ConsumedGrants",
            column: "RequestId");

        migrationBuilder.CreateIndex(
            name: "IX_ConsumedGrants_Seq",
            table: "ConsumedGrants",
            column: "Seq");

        migrationBuilder.CreateIndex(
            name: "IX_Notices_DeliveredAt",
            table: "Notices",
            column: "DeliveredAt");

        migrationBuilder.CreateIndex(
            name: "IX_Notices_RequestId",
            table: "Notices",
            column: "RequestId");

        Freeze(migrationBuilder, "ApprovalEvents");
        Freeze(migrationBuilder, "ConsumedGrants");
        // INSERT OR REPLACE deletes without asking the trigger that keeps rows from being deleted.
        Refuse(migrationBuilder, "ConsumedGrants_once", "INSERT ON ConsumedGrants", "EXISTS (SELECT 1 FROM ConsumedGrants WHERE GrantId = NEW.GrantId OR RequestId = NEW.RequestId)", "A grant is consumed once");
        Refuse(migrationBuilder, "ConsumedGrants_ready", "INSERT ON ConsumedGrants", "NOT EXISTS (SELECT 1 FROM Approvals WHERE Id = NEW.RequestId AND State = 'ready')", "A grant is consumed of only what is ready");
        Refuse(migrationBuilder, "ApprovalEvents_once", "INSERT ON ApprovalEvents", "EXISTS (SELECT 1 FROM ApprovalEvents WHERE Seq = NEW.Seq OR (RequestId = NEW.RequestId AND Version = NEW.Version))", "A happening is told once");
        Refuse(migrationBuilder, "Approvals_begin", "INSERT ON Approvals", "NEW.State NOT IN ('prohibited', 'pending', 'ready')", "A request for approval begins before anything is carried out");
        Refuse(migrationBuilder, "Approvals_once", "INSERT ON Approvals", """
            EXISTS (SELECT 1 FROM Approvals WHERE Id = NEW.Id
                OR (IncidentId = NEW.IncidentId AND Cause = NEW.Cause AND State IN ('pending', 'approved', 'ready') AND NEW.State IN ('pending', 'approved', 'ready')))
            """, "The request for approval, or another one for the same cause, is there already");
        Refuse(migrationBuilder, "Approvals_no_delete", "DELETE ON Approvals", "TRUE", "Approvals only grows: DELETE is refused");
        Refuse(migrationBuilder, "Approvals_forward", "UPDATE ON Approvals", "NEW.Id <> OLD.Id OR NEW.Version <= OLD.Version", "A request for approval goes on from its last version");
        Refuse(migrationBuilder, "Approvals_final", "UPDATE ON Approvals", """
            NEW.State <> OLD.State
                AND OLD.State IN ('prohibited', 'denied', 'expired', 'cancelled', 'superseded', 'revoked', 'drifted', 'succeeded', 'rolled_back', 'needs_human')
            """, "What has ended stays as it ended");
        Refuse(migrationBuilder, "Approvals_no_effect_without_grant", "UPDATE ON Approvals", """
            NEW.State IN ('handed_off', 'verifying', 'succeeded', 'rollback_pending', 'rolling_back', 'rolled_back', 'needs_human')
                AND NOT EXISTS (SELECT 1 FROM ConsumedGrants WHERE RequestId = NEW.Id)
            """, "Nothing is carried out without a consumed grant");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(name: "ApprovalEvents");

        migrationBuilder.DropTable(name: "ConsumedGrants");

        migrationBuilder.DropTable(name: "Notices");

        migrationBuilder.DropTable(name: "Approvals");
    }

    private static void Freeze(MigrationBuilder migrationBuilder, string table)
    {
        foreach (var action in new[] { "UPDATE", "DELETE" })
        {
            migrationBuilder.Sql($"""
                CREATE TRIGGER {table}_no_{action.ToLowerInvariant()} BEFORE {action} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table} only grows: {action} is refused'); END;
                """);
        }
    }

    private static void Refuse(MigrationBuilder migrationBuilder, string name, string before, string when, string why) => migrationBuilder.Sql($"""
        CREATE TRIGGER {name} BEFORE {before}
        WHEN {when}
        BEGIN SELECT RAISE(ABORT, '{why}'); END;
        """);
}
