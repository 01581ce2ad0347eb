"""The tables of sessions and login attempts. Times are whole seconds since the epoch."""

from portico.host.audit.schema import MIGRATION as AUDIT
from portico.host.session.reseal import SealedColumn
from portico.sql import Migration

MIGRATIONS = (
    Migration(
        "session/0001-sessions",
        """CREATE TABLE session (
             id TEXT PRIMARY KEY,
             issuer TEXT NOT NULL,
             sub TEXT NOT NULL,
             sid TEXT,
             name TEXT NOT NULL,
             roles TEXT NOT NULL,
             tenant TEXT,
             tokens TEXT NOT NULL,
             created_at BIGINT NOT NULL,
             last_seen_at BIGINT NOT NULL,
             expires_at BIGINT NOT NULL,
             version BIGINT NOT NULL
           );
           CREATE INDEX session_sid ON session (issuer, sid);
           CREATE INDEX session_sub ON session (issuer, sub);
           CREATE INDEX session_last_seen ON session (last_seen_at);
           CREATE INDEX session_expires ON session (expires_at);
           CREATE TABLE login_attempt (
             state_hash TEXT PRIMARY KEY,
             secret_hash TEXT NOT NULL,
             sealed TEXT NOT NULL,
             expires_at BIGINT NOT NULL
           );
           CREATE INDEX login_attempt_expires ON login_attempt (expires_at);""",
    ),
    Migration(
        "session/0002-refresh",
        """ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
           ALTER TABLE session ADD COLUMN generation BIGINT NOT NULL DEFAULT 1;
           ALTER TABLE session ADD COLUMN refresh_at BIGINT;
           ALTER TABLE session ADD COLUMN failing_since BIGINT;
           CREATE TABLE session_lease (
             session_id TEXT PRIMARY KEY,
             owner TEXT NOT NULL,
             beat BIGINT NOT NULL
           );""",
    ),
    Migration(
        "session/0004-logout-tokens",
        """CREATE TABLE logout_token (id TEXT PRIMARY KEY, until BIGINT NOT NULL);
           CREATE INDEX logout_token_until ON logout_token (until);""",
    ),
    AUDIT,
)
"""For the database that is handed to `create_sign_in`."""

SEALED = (SealedColumn("session", "id", "tokens"), SealedColumn("login_attempt", "state_hash", "sealed"))
"""What in it is sealed."""
