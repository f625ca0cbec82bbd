using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BlazorTranscode.Data.Migrations
{
    /// <inheritdoc />
    public partial class KeptAudio : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "StorageHandle",
                table: "Uploads",
                type: "TEXT",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "TEXT");

            migrationBuilder.AddColumn<byte[]>(
                name: "Checksums",
                table: "Uploads",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[0]);

            migrationBuilder.AddColumn<int>(
                name: "Interruptions",
                table: "TranscodeJobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "NotBefore",
                table: "TranscodeJobs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ReservedBytes",
                table: "TranscodeJobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "Turn",
                table: "TranscodeJobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "EngineCancellations",
                columns: table => new
                {
                    Engine = table.Column<string>(type: "TEXT", nullable: false),
                    EngineJobId = table.Column<string>(type: "TEXT", nullable: false),
                    JobId = table.Column<Guid>(type: "TEXT", nullable: false),
                    DueAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Tries = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EngineCancellations", x => new { x.Engine, x.EngineJobId });
                });

            migrationBuilder.CreateTable(
                name: "Installation",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    StoreId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Starts = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Installation", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PendingDeletions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    StorageKey = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    StorageHandle = table.Column<string>(type: "TEXT", nullable: true),
                    Reason = table.Column<int>(type: "INTEGER", nullable: false),
                    OwnerId = table.Column<string>(type: "TEXT", nullable: true),
                    Length = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    DueAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PendingDeletions", x => x.Id);
                });

            migrationBuilder.InsertData(
                table: "Installation",
                columns: new[] { "Id", "Starts", "StoreId" },
                values: new object[] { 1, 0L, null });

            migrationBuilder.CreateIndex(
                name: "IX_TranscodeJobs_OwnerId_Turn",
                table: "TranscodeJobs",
                columns: new[] { "OwnerId", "Turn" });

            migrationBuilder.CreateIndex(
                name: "IX_TranscodeJobs_State_Turn_CreatedAt",
                table: "TranscodeJobs",
                columns: new[] { "State", "Turn", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_EngineCancellations_DueAt",
                table: "EngineCancellations",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_PendingDeletions_DueAt",
                table: "PendingDeletions",
                column: "DueAt");

            migrationBuilder.CreateIndex(
                name: "IX_PendingDeletions_OwnerId",
                table: "PendingDeletions",
                column: "OwnerId");

            migrationBuilder.CreateIndex(
                name: "IX_PendingDeletions_StorageKey",
                table: "PendingDeletions",
                column: "StorageKey");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EngineCancellations");

            migrationBuilder.DropTable(
                name: "Installation");

            migrationBuilder.DropTable(
                name: "PendingDeletions");

            migrationBuilder.DropIndex(
                name: "IX_TranscodeJobs_OwnerId_Turn",
                table: "TranscodeJobs");

            migrationBuilder.DropIndex(
                name: "IX_TranscodeJobs_State_Turn_CreatedAt",
                table: "TranscodeJobs");

            migrationBuilder.DropColumn(
                name: "Checksums",
                table: "Uploads");

            migrationBuilder.DropColumn(
                name: "Interruptions",
                table: "TranscodeJobs");

            migrationBuilder.DropColumn(
                name: "NotBefore",
                table: "TranscodeJobs");

            migrationBuilder.DropColumn(
                name: "ReservedBytes",
                table: "TranscodeJobs");

            migrationBuilder.DropColumn(
                name: "Turn",
                table: "TranscodeJobs");

            migrationBuilder.AlterColumn<string>(
                name: "StorageHandle",
                table: "Uploads",
                type: "TEXT",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldNullable: true);
        }
    }
}
