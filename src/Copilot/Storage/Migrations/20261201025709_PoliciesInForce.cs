using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Copilot.Storage.Migrations;

/// <summary>Texts of policies that people put in force, and requests for approval that belong to no incident.</summary>
internal sealed partial class PoliciesInForce : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        // Making the table anew would take several transactions, between which a process can be killed. That nothing else is changed by it than what may be NULL is why SQLite
        // lets the text of the schema be written (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
        Rewrite(migrationBuilder, "\"IncidentId\" TEXT NOT NULL", "\"IncidentId\" TEXT NULL");

        migrationBuilder.CreateTable(
            name: "PolicyVersions",
            columns: table => new
            {
                Digest = table.Column<string>(type: "TEXT", nullable: false),
                File = table.Column<string>(type: "TEXT", nullable: false),
                Bytes = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_PolicyVersions", x => x.Digest);
            });

        migrationBuilder.CreateIndex(
            name: "IX_Approvals_one_change",
            table: "Approvals",
            column: "Cause",
            unique: true,
            filter: "IncidentId IS NULL AND State IN ('pending', 'approved', 'ready')");

        migrationBuilder.Sql("DROP TRIGGER Approvals_once");
        // Of two that are NULL "=" says nothing.
        Once(migrationBuilder, "IS");
        foreach (var (name, before, why) in new[] { ("no_update", "UPDATE ON PolicyVersions", "UPDATE is refused"), ("no_delete", "DELETE ON PolicyVersions", "DELETE is refused"), ("once", "INSERT ON PolicyVersions WHEN EXISTS (SELECT 1 FROM PolicyVersions WHERE Digest = NEW.Digest)", "a version is kept once") })
            migrationBuilder.Sql($"CREATE TRIGGER PolicyVersions_{name} BEFORE {before} BEGIN SELECT RAISE(ABORT, 'PolicyVersions only grows: {why}'); END;");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(name: "PolicyVersions");

        migrationBuilder.DropIndex(name: "IX_Approvals_one_change", table: "Approvals");

        migrationBuilder.Sql("DROP TRIGGER Approvals_once");
        Once(migrationBuilder, "=");
        Rewrite(migrationBuilder, "\"IncidentId\" TEXT NULL", "\"IncidentId\" TEXT NOT NULL");
    }

    private static void Once(MigrationBuilder migrationBuilder, string same) => migrationBuilder.Sql($"""
        CREATE TRIGGER Approvals_once BEFORE INSERT ON Approvals
        WHEN EXISTS (SELECT 1 FROM Approvals WHERE Id = NEW.Id
            OR (IncidentId {same} NEW.IncidentId AND Cause = NEW.Cause AND State IN ('pending', 'approved', 'ready') AND NEW.State IN ('pending', 'approved', 'ready')))
        BEGIN SELECT RAISE(ABORT, 'The request for approval, or another one for the same cause, is there already'); END;
        """);

    private static void Rewrite(MigrationBuilder migrationBuilder, string from, string to)
    {
        migrationBuilder.Sql("PRAGMA writable_schema = ON");
        migrationBuilder.Sql($"UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE type = 'table' AND name = 'Approvals'");
        migrationBuilder.Sql("PRAGMA writable_schema = RESET");
    }
}
