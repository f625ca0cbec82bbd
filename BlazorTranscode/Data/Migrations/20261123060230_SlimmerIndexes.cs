using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BlazorTranscode.Data.Migrations
{
    /// <inheritdoc />
    public partial class SlimmerIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_TranscodeJobs_NextCheckAt",
                table: "TranscodeJobs");

            migrationBuilder.DropIndex(
                name: "IX_Messages_OwnerId_ReadAt_CreatedAt",
                table: "Messages");

            migrationBuilder.DropIndex(
                name: "IX_Messages_OwnerId_Version",
                table: "Messages");

            migrationBuilder.DropIndex(
                name: "IX_Deliveries_JobId",
                table: "Deliveries");

            migrationBuilder.DropIndex(
                name: "IX_Deliveries_MessageId_TopicArn",
                table: "Deliveries");

            // A cancelled job kept its time.
            migrationBuilder.Sql("UPDATE \"TranscodeJobs\" SET \"NextCheckAt\" = NULL WHERE \"State\" >= 10");

            migrationBuilder.CreateIndex(
                name: "IX_TranscodeJobs_Engine_NextCheckAt",
                table: "TranscodeJobs",
                columns: new[] { "Engine", "NextCheckAt" },
                filter: "\"NextCheckAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Messages_OwnerId_Version_ReadAt_RemovedAt",
                table: "Messages",
                columns: new[] { "OwnerId", "Version", "ReadAt", "RemovedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_SentAt_MessageId_TopicArn",
                table: "Deliveries",
                columns: new[] { "SentAt", "MessageId", "TopicArn" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_TranscodeJobs_Engine_NextCheckAt",
                table: "TranscodeJobs");

            migrationBuilder.DropIndex(
                name: "IX_Messages_OwnerId_Version_ReadAt_RemovedAt",
                table: "Messages");

            migrationBuilder.DropIndex(
                name: "IX_Deliveries_SentAt_MessageId_TopicArn",
                table: "Deliveries");

            migrationBuilder.CreateIndex(
                name: "IX_TranscodeJobs_NextCheckAt",
                table: "TranscodeJobs",
                column: "NextCheckAt");

            migrationBuilder.CreateIndex(
                name: "IX_Messages_OwnerId_ReadAt_CreatedAt",
                table: "Messages",
                columns: new[] { "OwnerId", "ReadAt", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Messages_OwnerId_Version",
                table: "Messages",
                columns: new[] { "OwnerId", "Version" });

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_JobId",
                table: "Deliveries",
                column: "JobId");

            migrationBuilder.CreateIndex(
                name: "IX_Deliveries_MessageId_TopicArn",
                table: "Deliveries",
                columns: new[] { "MessageId", "TopicArn" },
                unique: true);
        }
    }
}
