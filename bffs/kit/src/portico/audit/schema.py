"""The table of an audit, and the triggers by which the database itself refuses to change or lose what is in it.

Rows are added, never changed. They may go when they are older than `portico.audit.KEPT_AT_LEAST_MS` by the database's
own clock, and not before, whoever asks.
"""

from __future__ import annotations

from typing import Final

_SECONDS: Final = 30 * 24 * 3600


def audit_table(table: str) -> tuple[str, str]:
    """The scripts that make an audit from nothing: for SQLite, and for PostgreSQL."""
    columns = f"""
        CREATE TABLE {table} (
          seq {{key}},
          at BIGINT NOT NULL,                   -- milliseconds since the epoch
          actor TEXT NOT NULL,
          client_id TEXT,
          action TEXT NOT NULL,
          outcome TEXT NOT NULL,                -- allowed, refused
          discriminator TEXT NOT NULL,
          pk TEXT NOT NULL,
          sk TEXT NOT NULL,
          version BIGINT,
          tenant TEXT,
          reason TEXT
        );
        {_indexes(table)}"""
    sqlite, postgres = protection(table)
    keys = ("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
    return columns.format(key=keys[0]) + sqlite, columns.format(key=keys[1]) + postgres


def widened(table: str) -> tuple[str, str]:
    """The scripts for an audit that was made without tenant and reason, and whose rows could never go."""
    columns = f"""
        ALTER TABLE {table} ADD COLUMN tenant TEXT;
        ALTER TABLE {table} ADD COLUMN reason TEXT;
        {_indexes(table)}"""
    sqlite, postgres = protection(table)
    dropped = f"""
        DROP TRIGGER {table}_is_not_changed;
        DROP TRIGGER {table}_is_not_deleted;"""
    return columns + dropped + sqlite, columns + postgres


def _indexes(table: str) -> str:
    return f"""CREATE INDEX {table}_by_actor ON {table} (actor, seq);
        CREATE INDEX {table}_by_entity ON {table} (pk, seq);
        CREATE INDEX {table}_by_time ON {table} (at);"""


def protection(table: str) -> tuple[str, str]:
    """The triggers alone: for SQLite, and for PostgreSQL."""
    return _SQLITE.format(table=table, seconds=_SECONDS), _POSTGRES.format(table=table, seconds=_SECONDS)


# INSERT OR REPLACE deletes without asking a trigger about deletions, so a number that is taken is refused as well.
_SQLITE: Final = """
        CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE ON {table}
          BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER {table}_is_not_deleted BEFORE DELETE ON {table}
          WHEN old.at > (CAST(strftime('%s', 'now') AS INTEGER) - {seconds}) * 1000
          BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER {table}_is_not_replaced BEFORE INSERT ON {table}
          WHEN EXISTS (SELECT 1 FROM {table} WHERE seq = new.seq)
          BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""

_POSTGRES: Final = """
        CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS '
          BEGIN
            IF TG_OP = ''DELETE'' AND TG_LEVEL = ''ROW'' THEN
              IF old.at <= (extract(epoch FROM clock_timestamp()) - {seconds}) * 1000 THEN RETURN old; END IF;
            END IF;
            RAISE EXCEPTION ''the audit is append-only'' USING ERRCODE = ''check_violation'';
          END';
        DROP TRIGGER IF EXISTS {table}_is_not_changed ON {table};
        DROP TRIGGER IF EXISTS {table}_is_not_deleted ON {table};
        CREATE TRIGGER {table}_is_not_changed BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();
        CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();
"""
