using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Copilot.Storage.Migrations;

/// <summary>Requested investigations, alerts, seen calls, and tokens of the API.</summary>
internal sealed partial class DurableWork : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "Alerts",
            columns: table => new
            {
                Id = table.Column<string>(type: "TEXT", nullable: false),
                IncidentId = table.Column<string>(type: "TEXT", nullable: false),
                Fingerprint = table.Column<string>(type: "TEXT", nullable: false),
                Name = table.Column<string>(type: "TEXT", nullable: false),
                Labels = table.Column<string>(type: "TEXT", nullable: false),
                Annotations = table.Column<string>(type: "TEXT", nullable: false),
                Firing = table.Column<bool>(type: "INTEGER", nullable: false),
                FirstStart = table.Column<long>(type: "INTEGER", nullable: false),
                StartsAt = table.Column<long>(type: "INTEGER", nullable: false),
                EndsAt = table.Column<long>(type: "INTEGER", nullable: true),
                ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false),
                Reports = table.Column<int>(type: "INTEGER", nullable: false),
                Flaps = table.Column<int>(type: "INTEGER", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Alerts", x => x.Id);
                table.ForeignKey(
                    name: "FK_Alerts_Incidents_IncidentId",
                    column: x => x.IncidentId,
                    principalTable: "Incidents",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "Calls",
            columns: table => new
            {
                Caller = table.Column<string>(type: "TEXT", nullable: false),
                Callee = table.Column<string>(type: "TEXT", nullable: false),
                SeenAt = table.Column<long>(type: "INTEGER", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Calls", x => new { x.Caller, x.Callee });
            });

        migrationBuilder.CreateTable(
            name: "Requests",
            columns: table => new
            {
                Id = table.Column<string>(type: "TEXT", nullable: false),
                By = table.Column<string>(type: "TEXT", nullable: false),
                IdempotencyKey = table.Column<string>(type: "TEXT", nullable: true),
                Asked = table.Column<string>(type: "TEXT", nullable: true),
                Cause = table.Column<string>(type: "TEXT", nullable: false),
                IncidentId = table.Column<string>(type: "TEXT", nullable: true),
                Snapshot = table.Column<string>(type: "TEXT", nullable: false),
                Severity = table.Column<string>(type: "TEXT", nullable: true),
                Environment = table.Column<string>(type: "TEXT", nullable: true),
                State = table.Column<string>(type: "TEXT", nullable: false),
                Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                QueuedAt = table.Column<long>(type: "INTEGER", nullable: false),
                NotBefore = table.Column<long>(type: "INTEGER", nullable: false),
                Deadline = table.Column<long>(type: "INTEGER", nullable: false),
                StartedAt = table.Column<long>(type: "INTEGER", nullable: true),
                EndedAt = table.Column<long>(type: "INTEGER", nullable: true),
                Run = table.Column<string>(type: "TEXT", nullable: true),
                Fault = table.Column<string>(type: "TEXT", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Requests", x => x.Id);
                table.ForeignKey(
                    name: "FK_Requests_Incidents_IncidentId",
                    column: x => x.IncidentId,
                    principalTable: "Incidents",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "Tokens",
            columns: table => new
            {
                Name = table.Column<string>(type: "TEXT", nullable: false),
                Hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                Scope = table.Column<string>(type: "TEXT", nullable: false),
                MadeAt = table.Column<long>(type: "INTEGER", nullable: false),
                RevokedAt = table.Column<long>(type: "INTEGER", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Tokens", x => x.Name);
            });

        migrationBuilder.CreateIndex(
            name: "IX_Alerts_Fingerprint",
            table: "Alerts",
            column: "Fingerprint");

        migrationBuilder.CreateIndex(
            name: "IX_Alerts_IncidentId_Fingerprint",
            table: "Alerts",
            columns: new[] { "IncidentId", "Fingerprint" },
            unique: true);

        migrationBuilder.CreateIndex(
            name: "IX_Requests_By_IdempotencyKey",
            table: "Requests",
            columns: new[] { "By", "IdempotencyKey" },
            unique: true);

        migrationBuilder.CreateIndex(
            name: "IX_Requests_IncidentId",
            table: "Requests",
            column: "IncidentId");

        migrationBuilder.CreateIndex(
            name: "IX_Requests_State_NotBefore",
            table: "Requests",
            columns: new[] { "State", "NotBefore" });

        migrationBuilder.CreateIndex(
            name: "IX_Requests_one_waiting",
            table: "Requests",
            column: "IncidentId",
            unique: true,
            filter: "State = 'queued' AND Cause = 'alerts'");

        migrationBuilder.CreateIndex(
            name: "IX_Tokens_Hash",
            table: "Tokens",
            column: "Hash",
            unique: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "Alerts");

        migrationBuilder.DropTable(
            name: "Calls");

        migrationBuilder.DropTable(
            name: "Requests");

        migrationBuilder.DropTable(
            name: "Tokens");
    }
}
