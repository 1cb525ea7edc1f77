namespace Custos.Evidence.Postgres;

/// <summary>The schema <c>custos_log</c> (evidence-spec, section 7; docs/formats/postgres-store.md).</summary>
static class Schema
{
    /// <summary>What this program writes, and the only version it reads. A change that it would misread raises the number.</summary>
    public const int Version = 1;

    /// <summary>-1: there is no schema; 0: one from before versions were written, whose tables are those of version 1; 1: its version is in <see cref="ReadVersion"/>.</summary>
    public const string State = "SELECT CASE WHEN to_regclass('custos_log.log') IS NULL THEN -1 WHEN to_regclass('custos_log.format') IS NULL THEN 0 ELSE 1 END";

    public const string ReadVersion = "SELECT version FROM custos_log.format";

    /// <summary>A setting under which a COMMIT is no promise, or nothing.</summary>
    public const string Unsafe = "SELECT name || '=' || current_setting(name) FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) name WHERE current_setting(name) <> 'on' LIMIT 1";

    // Of the schema, not of a log: two logs made at once would otherwise both make it.
    public const string Gate = "SELECT pg_advisory_xact_lock(hashtext('custos_log'))";

    // Held while a log is open for writing, so that a newer program cannot change the tables under it.
    public const string Hold = "SELECT pg_advisory_lock_shared(hashtext('custos_log'))";

    // No foreign keys: one program writes here, and each row copied in would look its log up again.
    // Hashes and sealed bytes do not get smaller, so none are tried for compression.
    // Repeated over a schema from before versions were written: what is there stays.
    public const string Create = """
        DO $$ BEGIN
            -- IF NOT EXISTS would ask for the right to make one even where it is there.
            IF to_regnamespace('custos_log') IS NULL THEN CREATE SCHEMA custos_log; END IF;
        END $$;
        CREATE TABLE IF NOT EXISTS custos_log.log (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            origin text NOT NULL UNIQUE,
            epoch bigint NOT NULL,
            size bigint NOT NULL CHECK (size >= 0),
            root bytea NOT NULL CHECK (length(root) = 32),
            note bytea,
            deleting text);
        CREATE TABLE IF NOT EXISTS custos_log.tile (
            log bigint NOT NULL, level smallint NOT NULL, n bigint NOT NULL, width smallint NOT NULL, data bytea NOT NULL,
            PRIMARY KEY (log, level, n, width));
        CREATE TABLE IF NOT EXISTS custos_log.entries (
            log bigint NOT NULL, n bigint NOT NULL, width smallint NOT NULL, data bytea NOT NULL,
            PRIMARY KEY (log, n, width));
        CREATE TABLE IF NOT EXISTS custos_log.content (
            log bigint NOT NULL, n bigint NOT NULL, first_slot smallint NOT NULL, generation bigint NOT NULL, data bytea NOT NULL,
            PRIMARY KEY (log, n, first_slot));
        CREATE TABLE IF NOT EXISTS custos_log.part (
            log bigint NOT NULL, opening bigint NOT NULL, part integer NOT NULL, sealed bytea NOT NULL,
            PRIMARY KEY (log, opening, part));
        CREATE TABLE IF NOT EXISTS custos_log.recording (
            log bigint NOT NULL, opening bigint, announced bytea, UNIQUE (log, opening), UNIQUE (log, announced),
            CHECK (num_nonnulls(opening, announced) = 1));
        ALTER TABLE custos_log.log ADD COLUMN IF NOT EXISTS deleting text;
        ALTER TABLE custos_log.tile ALTER data SET STORAGE EXTERNAL;
        ALTER TABLE custos_log.entries ALTER data SET STORAGE EXTERNAL;
        ALTER TABLE custos_log.content ALTER data SET STORAGE EXTERNAL;
        ALTER TABLE custos_log.part ALTER sealed SET STORAGE EXTERNAL;
        CREATE TABLE custos_log.format (version integer NOT NULL, one boolean PRIMARY KEY DEFAULT true CHECK (one));
        INSERT INTO custos_log.format (version) VALUES (1);
        """;
}
