using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Copilot.Storage.Migrations;

/// <summary>The receipt log that only grows, and the records of incidents.</summary>
internal sealed partial class ReceiptsAndIncidents : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(name: "Checkpoints", columns: table => new
        {
            Size = table.Column<long>(type: "INTEGER", nullable: false),
            Root = table.Column<byte[]>(type: "BLOB", nullable: false),
            Note = table.Column<string>(type: "TEXT", nullable: false),
            Frontier = table.Column<byte[]>(type: "BLOB", nullable: false),
            At = table.Column<long>(type: "INTEGER", nullable: false)
        },
            constraints: table =>
            {
                table.PrimaryKey("PK_Checkpoints", x => x.Size);
            });

        migrationBuilder.CreateTable(name: "Incidents", columns: table => new
        {
            Id = table.Column<string>(type: "TEXT", nullable: false),
            Name = table.Column<string>(type: "TEXT", nullable: false),
            Source = table.Column<string>(type: "TEXT", nullable: false),
            Severity = table.Column<string>(type: "TEXT", nullable: false),
            Environment = table.Column<string>(type: "TEXT", nullable: false),
            OpenedAt = table.Column<long>(type: "INTEGER", nullable: false),
            ClosedAt = table.Column<long>(type: "INTEGER", nullable: true),
            Resolution = table.Column<string>(type: "TEXT", nullable: true)
        },
            constraints: table =>
            {
                table.PrimaryKey("PK_Incidents", x => x.Id);
            });

        migrationBuilder.CreateTable(name: "Receipts", columns: table => new
        {
            Seq = table.Column<long>(type: "INTEGER", nullable: false),
            Stream = table.Column<string>(type: "TEXT", nullable: false),
            StreamSeq = table.Column<long>(type: "INTEGER", nullable: false),
            Id = table.Column<string>(type: "TEXT", nullable: false),
            Type = table.Column<string>(type: "TEXT", nullable: false),
            At = table.Column<long>(type: "INTEGER", nullable: false),
            Leaf = table.Column<byte[]>(type: "BLOB", nullable: false),
            Bytes = table.Column<byte[]>(type: "BLOB", nullable: false)
        },
            constraints: table =>
            {
                table.PrimaryKey("PK_Receipts", x => x.Seq);
            });

        migrationBuilder.CreateTable(name: "Feedback", columns: table => new
        {
            Id = table.Column<string>(type: "TEXT", nullable: false),
            IncidentId = table.Column<string>(type: "TEXT", nullable: false),
            Verdict = table.Column<string>(type: "TEXT", nullable: false),
            TrueCauses = table.Column<string>(type: "TEXT", nullable: false),
            Note = table.Column<string>(type: "TEXT", nullable: true),
            By = table.Column<string>(type: "TEXT", nullable: false),
            At = table.Column<long>(type: "INTEGER", nullable: false)
        },
            constraints: table =>
            {
                table.PrimaryKey("PK_Feedback", x => x.Id);
                table.ForeignKey(name: "FK_Feedback_Incidents_IncidentId", column: x => x.IncidentId,
                    principalTable: "Incidents",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(name: "Investigations", columns: table => new
        {
            Run = table.Column<string>(type: "TEXT", nullable: false),
            IncidentId = table.Column<string>(type: "TEXT", nullable: false),
            At = table.Column<long>(type: "INTEGER", nullable: false),
            Status = table.Column<string>(type: "TEXT", nullable: false),
            Summary = table.Column<string>(type: "TEXT", nullable: false),
            Diagnosis = table.Column<string>(type: "TEXT", nullable: false),
            Plans = table.Column<string>(type: "TEXT", nullable: false),
            FirstSeq = table.Column<long>(type: "INTEGER", nullable: false),
            LastSeq = table.Column<long>(type: "INTEGER", nullable: false)
        },
            constraints: table =>
            {
                table.PrimaryKey("PK_Investigations", x => x.Run);
                table.ForeignKey(name: "FK_Investigations_Incidents_IncidentId", column: x => x.IncidentId,
                    principalTable: "Incidents",
                    principalColumn: "Id",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateIndex(name: "IX_Feedback_IncidentId", table: "Feedback", column: "IncidentId");

        migrationBuilder.CreateIndex(name: "IX_Incidents_Source", table: "Incidents", column: "Source");

        migrationBuilder.CreateIndex(name: "IX_Investigations_IncidentId", table: "Investigations", column: "IncidentId");

        migrationBuilder.CreateIndex(name: "IX_Receipts_Id", table: "Receipts", column: "Id", unique: true);

        migrationBuilder.CreateIndex(name: "IX_Receipts_Stream_StreamSeq", table: "Receipts", columns: new[] { "Stream", "StreamSeq" }, unique: true);

        Freeze(migrationBuilder, "Receipts");
        Freeze(migrationBuilder, "Checkpoints");
        // INSERT OR REPLACE deletes what is in its way without calling the triggers of DELETE, so that is refused here.
        migrationBuilder.Sql("""
            CREATE TRIGGER Receipts_no_gap BEFORE INSERT ON Receipts
            WHEN NEW.Seq <> (SELECT coalesce(max(Seq) + 1, 0) FROM Receipts) OR EXISTS (SELECT 1 FROM Receipts WHERE Id = NEW.Id OR (Stream = NEW.Stream AND StreamSeq = NEW.StreamSeq))
            BEGIN SELECT RAISE(ABORT, 'Receipts only grows: a new receipt takes the next number and replaces none'); END;
            """);
        migrationBuilder.Sql("""
            CREATE TRIGGER Checkpoints_only_forward BEFORE INSERT ON Checkpoints
            WHEN NEW.Size <= (SELECT coalesce(max(Size), -1) FROM Checkpoints)
            BEGIN SELECT RAISE(ABORT, 'Checkpoints only grows: a new checkpoint is larger than those before it'); END;
            """);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(name: "Checkpoints");

        migrationBuilder.DropTable(name: "Feedback");

        migrationBuilder.DropTable(name: "Investigations");

        migrationBuilder.DropTable(name: "Receipts");

        migrationBuilder.DropTable(name: "Incidents");
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
}
