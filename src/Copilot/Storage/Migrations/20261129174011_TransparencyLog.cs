using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Copilot.Storage.Migrations;

/// <summary>Tiles, cosignatures, openings of committed values, and an index over types.</summary>
internal sealed partial class TransparencyLog : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "Chunks",
            columns: table => new
            {
                Hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                Length = table.Column<int>(type: "INTEGER", nullable: false),
                Packed = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Chunks", x => x.Hash);
            });

        migrationBuilder.CreateTable(
            name: "Cosignatures",
            columns: table => new
            {
                Size = table.Column<long>(type: "INTEGER", nullable: false),
                Key = table.Column<string>(type: "TEXT", nullable: false),
                Line = table.Column<string>(type: "TEXT", nullable: false),
                At = table.Column<long>(type: "INTEGER", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Cosignatures", x => new { x.Size, x.Key });
                table.ForeignKey(
                    name: "FK_Cosignatures_Checkpoints_Size",
                    column: x => x.Size,
                    principalTable: "Checkpoints",
                    principalColumn: "Size",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "Openings",
            columns: table => new
            {
                Seq = table.Column<long>(type: "INTEGER", nullable: false),
                Pointer = table.Column<string>(type: "TEXT", nullable: false),
                Retention = table.Column<string>(type: "TEXT", nullable: false),
                At = table.Column<long>(type: "INTEGER", nullable: false),
                Length = table.Column<long>(type: "INTEGER", nullable: false),
                Salt = table.Column<byte[]>(type: "BLOB", nullable: true),
                RemovedBy = table.Column<long>(type: "INTEGER", nullable: true)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Openings", x => new { x.Seq, x.Pointer });
                table.ForeignKey(
                    name: "FK_Openings_Receipts_Seq",
                    column: x => x.Seq,
                    principalTable: "Receipts",
                    principalColumn: "Seq",
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateTable(
            name: "Tiles",
            columns: table => new
            {
                Level = table.Column<int>(type: "INTEGER", nullable: false),
                Index = table.Column<long>(type: "INTEGER", nullable: false),
                Hashes = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_Tiles", x => new { x.Level, x.Index });
            });

        migrationBuilder.CreateTable(
            name: "OpeningParts",
            columns: table => new
            {
                Seq = table.Column<long>(type: "INTEGER", nullable: false),
                Pointer = table.Column<string>(type: "TEXT", nullable: false),
                Part = table.Column<int>(type: "INTEGER", nullable: false),
                Hash = table.Column<byte[]>(type: "BLOB", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_OpeningParts", x => new { x.Seq, x.Pointer, x.Part });
                table.ForeignKey(
                    name: "FK_OpeningParts_Chunks_Hash",
                    column: x => x.Hash,
                    principalTable: "Chunks",
                    principalColumn: "Hash",
                    onDelete: ReferentialAction.Restrict);
                table.ForeignKey(
                    name: "FK_OpeningParts_Openings_Seq_Pointer",
                    columns: x => new { x.Seq, x.Pointer },
                    principalTable: "Openings",
                    principalColumns: new[] { "Seq", "Pointer" },
                    onDelete: ReferentialAction.Restrict);
            });

        migrationBuilder.CreateIndex(
            name: "IX_Receipts_Type_Seq",
            table: "Receipts",
            columns: new[] { "Type", "Seq" });

        migrationBuilder.CreateIndex(
            name: "IX_OpeningParts_Hash",
            table: "OpeningParts",
            column: "Hash");

        migrationBuilder.CreateIndex(
            name: "IX_Openings_Retention_At",
            table: "Openings",
            columns: new[] { "Retention", "At" });
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(
            name: "Cosignatures");

        migrationBuilder.DropTable(
            name: "OpeningParts");

        migrationBuilder.DropTable(
            name: "Tiles");

        migrationBuilder.DropTable(
            name: "Chunks");

        migrationBuilder.DropTable(
            name: "Openings");

        migrationBuilder.DropIndex(
            name: "IX_Receipts_Type_Seq",
            table: "Receipts");
    }
}
