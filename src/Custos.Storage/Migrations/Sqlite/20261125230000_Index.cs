using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Custos.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Index : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "about",
                columns: table => new
                {
                    exhibit = table.Column<long>(type: "INTEGER", nullable: false),
                    @event = table.Column<long>(name: "event", type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_about", x => new { x.exhibit, x.@event });
                });

            migrationBuilder.CreateTable(
                name: "account_readings",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    last_line = table.Column<long>(type: "INTEGER", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    level = table.Column<int>(type: "INTEGER", nullable: false),
                    reading = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_account_readings", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    venue = table.Column<long>(type: "INTEGER", nullable: false),
                    handle = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accounts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "conversations",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    scope = table.Column<int>(type: "INTEGER", nullable: false),
                    venue = table.Column<string>(type: "TEXT", nullable: false),
                    thread = table.Column<string>(type: "TEXT", nullable: false),
                    account = table.Column<string>(type: "TEXT", nullable: false),
                    counterpart = table.Column<string>(type: "TEXT", nullable: false),
                    has_persona = table.Column<bool>(type: "INTEGER", nullable: false),
                    messages = table.Column<long>(type: "INTEGER", nullable: false),
                    first_exhibit = table.Column<long>(type: "INTEGER", nullable: false),
                    last_exhibit = table.Column<long>(type: "INTEGER", nullable: false),
                    first_at = table.Column<string>(type: "TEXT", nullable: true),
                    last_at = table.Column<string>(type: "TEXT", nullable: true),
                    indicators = table.Column<int>(type: "INTEGER", nullable: false),
                    score = table.Column<int>(type: "INTEGER", nullable: true),
                    probability = table.Column<int>(type: "INTEGER", nullable: true),
                    peer = table.Column<bool>(type: "INTEGER", nullable: false),
                    alert = table.Column<long>(type: "INTEGER", nullable: true),
                    conduct = table.Column<string>(type: "TEXT", nullable: true),
                    risk_facts = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_conversations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "custody_events",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_custody_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "decisions",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_decisions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "exhibits",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    size = table.Column<int>(type: "INTEGER", nullable: false),
                    leaf = table.Column<byte[]>(type: "BLOB", nullable: false),
                    about = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_exhibits", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "findings",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    exhibit = table.Column<long>(type: "INTEGER", nullable: false),
                    is_alert = table.Column<bool>(type: "INTEGER", nullable: false),
                    scope = table.Column<int>(type: "INTEGER", nullable: false),
                    venue = table.Column<string>(type: "TEXT", nullable: false),
                    thread = table.Column<string>(type: "TEXT", nullable: false),
                    author = table.Column<string>(type: "TEXT", nullable: false),
                    counterpart = table.Column<string>(type: "TEXT", nullable: true),
                    is_persona = table.Column<bool>(type: "INTEGER", nullable: false),
                    is_incriminating = table.Column<bool>(type: "INTEGER", nullable: false),
                    code = table.Column<string>(type: "TEXT", nullable: false),
                    score = table.Column<int>(type: "INTEGER", nullable: true),
                    probability = table.Column<int>(type: "INTEGER", nullable: true),
                    peer = table.Column<bool>(type: "INTEGER", nullable: false),
                    finding = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_findings", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "gaps",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    venue = table.Column<string>(type: "TEXT", nullable: false),
                    capture = table.Column<string>(type: "TEXT", nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: true),
                    cause = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_gaps", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "hearing",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    venue = table.Column<string>(type: "TEXT", nullable: false),
                    capture = table.Column<string>(type: "TEXT", nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false),
                    ended = table.Column<bool>(type: "INTEGER", nullable: false),
                    last = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_hearing", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "link_notes",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    view_sha256 = table.Column<string>(type: "TEXT", nullable: false),
                    held = table.Column<string>(type: "TEXT", nullable: false),
                    common = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_link_notes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "messages",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    thread = table.Column<long>(type: "INTEGER", nullable: false),
                    message_id = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<string>(type: "TEXT", nullable: true),
                    sender = table.Column<long>(type: "INTEGER", nullable: false),
                    addressee = table.Column<long>(type: "INTEGER", nullable: true),
                    text = table.Column<string>(type: "TEXT", nullable: false),
                    direction = table.Column<int>(type: "INTEGER", nullable: false),
                    source = table.Column<long>(type: "INTEGER", nullable: true),
                    source_offset = table.Column<long>(type: "INTEGER", nullable: true),
                    start = table.Column<int>(type: "INTEGER", nullable: false),
                    length = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_messages", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "operations",
                columns: table => new
                {
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    slug = table.Column<string>(type: "TEXT", nullable: false),
                    indexed_up_to = table.Column<long>(type: "INTEGER", nullable: false),
                    last_leaf = table.Column<byte[]>(type: "BLOB", nullable: false),
                    settled_up_to = table.Column<long>(type: "INTEGER", nullable: false),
                    engine = table.Column<string>(type: "TEXT", nullable: false),
                    pack = table.Column<string>(type: "TEXT", nullable: false),
                    model = table.Column<string>(type: "TEXT", nullable: false),
                    selectors = table.Column<string>(type: "TEXT", nullable: false),
                    derivation = table.Column<int>(type: "INTEGER", nullable: false),
                    venues = table.Column<long>(type: "INTEGER", nullable: false),
                    threads = table.Column<long>(type: "INTEGER", nullable: false),
                    accounts = table.Column<long>(type: "INTEGER", nullable: false),
                    findings = table.Column<long>(type: "INTEGER", nullable: false),
                    conversations = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_operations", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "proposals",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    accounts = table.Column<int>(type: "INTEGER", nullable: false),
                    level = table.Column<int>(type: "INTEGER", nullable: false),
                    proposal = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_proposals", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "selectors",
                columns: table => new
                {
                    account = table.Column<long>(type: "INTEGER", nullable: false),
                    place = table.Column<int>(type: "INTEGER", nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    normal = table.Column<string>(type: "TEXT", nullable: false),
                    exhibit = table.Column<long>(type: "INTEGER", nullable: false),
                    volunteered = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_selectors", x => new { x.account, x.place });
                });

            migrationBuilder.CreateTable(
                name: "sources",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    format = table.Column<string>(type: "TEXT", nullable: false),
                    messages = table.Column<long>(type: "INTEGER", nullable: false),
                    last_offset = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sources", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "statements",
                columns: table => new
                {
                    account = table.Column<long>(type: "INTEGER", nullable: false),
                    place = table.Column<int>(type: "INTEGER", nullable: false),
                    statement_id = table.Column<string>(type: "TEXT", nullable: false),
                    property = table.Column<string>(type: "TEXT", nullable: false),
                    exhibit = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_statements", x => new { x.account, x.place });
                });

            migrationBuilder.CreateTable(
                name: "threads",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    venue = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_threads", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "venues",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    messages = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_venues", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_account_readings_cluster",
                table: "account_readings",
                column: "cluster");

            migrationBuilder.CreateIndex(
                name: "IX_accounts_venue_handle",
                table: "accounts",
                columns: new[] { "venue", "handle" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_conversations_alert",
                table: "conversations",
                column: "alert");

            migrationBuilder.CreateIndex(
                name: "IX_conversations_venue_account",
                table: "conversations",
                columns: new[] { "venue", "account" });

            migrationBuilder.CreateIndex(
                name: "IX_decisions_kind_id",
                table: "decisions",
                columns: new[] { "kind", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_findings_exhibit",
                table: "findings",
                column: "exhibit");

            migrationBuilder.CreateIndex(
                name: "IX_findings_is_alert_id",
                table: "findings",
                columns: new[] { "is_alert", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_findings_venue_author",
                table: "findings",
                columns: new[] { "venue", "author" });

            migrationBuilder.CreateIndex(
                name: "IX_messages_sender_thread",
                table: "messages",
                columns: new[] { "sender", "thread" });

            migrationBuilder.CreateIndex(
                name: "IX_messages_thread",
                table: "messages",
                column: "thread");

            migrationBuilder.CreateIndex(
                name: "IX_operations_slug",
                table: "operations",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_proposals_cluster",
                table: "proposals",
                column: "cluster");

            migrationBuilder.CreateIndex(
                name: "IX_selectors_kind_normal",
                table: "selectors",
                columns: new[] { "kind", "normal" });

            migrationBuilder.CreateIndex(
                name: "IX_statements_statement_id",
                table: "statements",
                column: "statement_id");

            migrationBuilder.CreateIndex(
                name: "IX_threads_venue_name",
                table: "threads",
                columns: new[] { "venue", "name" },
                unique: true);
            // The words of messages, once: the index of words reads them back from their rows.
            migrationBuilder.Sql("CREATE VIRTUAL TABLE message_text USING fts5 (text, content='messages', content_rowid='id', columnsize=0, tokenize='unicode61 remove_diacritics 2')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TABLE message_text");

            migrationBuilder.DropTable(
                name: "about");

            migrationBuilder.DropTable(
                name: "account_readings");

            migrationBuilder.DropTable(
                name: "accounts");

            migrationBuilder.DropTable(
                name: "conversations");

            migrationBuilder.DropTable(
                name: "custody_events");

            migrationBuilder.DropTable(
                name: "decisions");

            migrationBuilder.DropTable(
                name: "exhibits");

            migrationBuilder.DropTable(
                name: "findings");

            migrationBuilder.DropTable(
                name: "gaps");

            migrationBuilder.DropTable(
                name: "hearing");

            migrationBuilder.DropTable(
                name: "link_notes");

            migrationBuilder.DropTable(
                name: "messages");

            migrationBuilder.DropTable(
                name: "operations");

            migrationBuilder.DropTable(
                name: "proposals");

            migrationBuilder.DropTable(
                name: "selectors");

            migrationBuilder.DropTable(
                name: "sources");

            migrationBuilder.DropTable(
                name: "statements");

            migrationBuilder.DropTable(
                name: "threads");

            migrationBuilder.DropTable(
                name: "venues");
        }
    }
}
