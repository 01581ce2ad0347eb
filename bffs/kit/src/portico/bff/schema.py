"""The tables of every service's store. All of them change together, in one write group per command."""

from __future__ import annotations

from portico.audit import widened
from portico.bff.engine import FIELD_FUNCTION
from portico.bff.second_wall import SECOND_WALL
from portico.sql import Migration

STORE_MIGRATIONS = (
    Migration(
        "bff/0001-entities",
        """
        CREATE TABLE entities (
          pk TEXT NOT NULL,
          sk TEXT NOT NULL,
          discriminator TEXT NOT NULL,
          data TEXT NOT NULL,
          timestamp INTEGER NOT NULL,           -- milliseconds since the epoch, grows with every change of the row
          stamp TEXT NOT NULL,                  -- orders changes exactly, compared as text
          version INTEGER NOT NULL,             -- 1, 2, ...; goes on over a tombstone
          last_modified_by TEXT NOT NULL,
          deleted INTEGER NOT NULL DEFAULT 0,   -- a tombstone
          latched INTEGER NOT NULL DEFAULT 0,   -- written by a listener: not published back
          ttl INTEGER,                          -- seconds since the epoch; the row is gone from then on
          region TEXT NOT NULL,
          owner TEXT,
          tenant TEXT,
          PRIMARY KEY (pk, sk)
        ) STRICT;
        CREATE INDEX entities_by_kind ON entities (discriminator, pk, sk) WHERE deleted = 0;
        CREATE INDEX entities_by_owner ON entities (owner, discriminator, pk, sk)
          WHERE deleted = 0 AND owner IS NOT NULL;
        CREATE INDEX entities_by_tenant ON entities (tenant, discriminator, pk, sk)
          WHERE deleted = 0 AND tenant IS NOT NULL;
        CREATE INDEX entities_by_ttl ON entities (ttl) WHERE ttl IS NOT NULL;
        """,
    ),
    Migration(
        "bff/0002-idempotency",
        """
        CREATE TABLE idempotency (
          sub TEXT NOT NULL,
          key TEXT NOT NULL,
          body_hash BLOB NOT NULL,
          status INTEGER NOT NULL,
          headers TEXT NOT NULL,                -- JSON: [[name, value], ...]
          body BLOB NOT NULL,
          created_at INTEGER NOT NULL,          -- milliseconds since the epoch
          PRIMARY KEY (sub, key)
        ) STRICT;
        CREATE INDEX idempotency_by_age ON idempotency (created_at);
        """,
    ),
    Migration(
        "bff/0003-outbox",
        """
        CREATE TABLE outbox (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: the order of the commits
          id TEXT NOT NULL UNIQUE,
          type TEXT NOT NULL,
          subject TEXT NOT NULL,
          partition_key TEXT NOT NULL,
          region TEXT NOT NULL,
          envelope TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          published_at INTEGER
        ) STRICT;
        CREATE INDEX outbox_waiting ON outbox (seq) WHERE published_at IS NULL;
        """,
    ),
    Migration(
        "bff/0004-audit",
        """
        CREATE TABLE audit (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          at INTEGER NOT NULL,
          actor TEXT NOT NULL,
          client_id TEXT,
          action TEXT NOT NULL,                 -- put, delete
          outcome TEXT NOT NULL,                -- allowed, refused
          discriminator TEXT NOT NULL,
          pk TEXT NOT NULL,
          sk TEXT NOT NULL,
          version INTEGER
        ) STRICT;
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
          BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
          BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        """,
        # The triggers come with bff/0009-audit-trail.
        """
        CREATE TABLE audit (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          at INTEGER NOT NULL,
          actor TEXT NOT NULL,
          client_id TEXT,
          action TEXT NOT NULL,                 -- put, delete
          outcome TEXT NOT NULL,                -- allowed, refused
          discriminator TEXT NOT NULL,
          pk TEXT NOT NULL,
          sk TEXT NOT NULL,
          version INTEGER
        );
        """,
    ),
    Migration(
        "bff/0005-search",
        """
        CREATE TABLE search_documents (
          id INTEGER PRIMARY KEY,
          pk TEXT NOT NULL,
          sk TEXT NOT NULL,
          discriminator TEXT NOT NULL,
          title TEXT NOT NULL,                  -- folded: see search.py
          body TEXT NOT NULL,
          UNIQUE (pk, sk)
        ) STRICT;
        CREATE INDEX search_documents_by_kind ON search_documents (discriminator);
        CREATE VIRTUAL TABLE search_text USING fts5(
          title, body, content = 'search_documents', content_rowid = 'id',
          tokenize = 'trigram case_sensitive 1'
        );
        CREATE TRIGGER search_document_added AFTER INSERT ON search_documents BEGIN
          INSERT INTO search_text (rowid, title, body) VALUES (new.id, new.title, new.body);
        END;
        CREATE TRIGGER search_document_removed AFTER DELETE ON search_documents BEGIN
          INSERT INTO search_text (search_text, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
        END;
        CREATE TRIGGER search_document_changed AFTER UPDATE ON search_documents BEGIN
          INSERT INTO search_text (search_text, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
          INSERT INTO search_text (rowid, title, body) VALUES (new.id, new.title, new.body);
        END;
        """,
        """
        CREATE TABLE search_documents (
          pk TEXT COLLATE "C" NOT NULL,
          sk TEXT COLLATE "C" NOT NULL,
          discriminator TEXT NOT NULL,
          title TEXT NOT NULL,                  -- folded: see search.py
          body TEXT NOT NULL,
          shelf TEXT NOT NULL,                  -- open: everyone's; closed: behind row-level security
          reach TEXT NOT NULL,                  -- this and the next three as in entities
          owner TEXT,
          tenant TEXT,
          claim_value TEXT,
          grams TEXT[] NOT NULL,                -- of an open one, what its trigrams are
          PRIMARY KEY (pk, sk, shelf)
        ) PARTITION BY LIST (shelf);
        CREATE TABLE search_open PARTITION OF search_documents FOR VALUES IN ('open');
        CREATE TABLE search_closed PARTITION OF search_documents FOR VALUES IN ('closed');
        CREATE INDEX search_open_by_kind ON search_open (discriminator);
        CREATE INDEX search_open_by_grams ON search_open USING gin (grams);
        CREATE INDEX search_closed_by_kind ON search_closed (discriminator);
        """,
    ),
    Migration(
        "bff/0007-feeds",
        """
        ALTER TABLE outbox ADD COLUMN target TEXT;  -- a feed's subject; null: an event, whose subject follows from it
        CREATE INDEX outbox_told ON outbox (published_at) WHERE target IS NOT NULL AND published_at IS NOT NULL;
        """,
    ),
    Migration(
        "bff/0008-inbox",
        """
        CREATE TABLE inbox (                    -- which rule took which event; kept as long as the hub keeps events
          event_id TEXT NOT NULL,
          rule TEXT NOT NULL,
          handled_at INTEGER NOT NULL,          -- milliseconds since the epoch
          PRIMARY KEY (event_id, rule)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE faults (
          id TEXT PRIMARY KEY,                  -- follows from service, rule and event
          rule TEXT NOT NULL,                   -- empty: what came was no event
          event_id TEXT NOT NULL,
          event_type TEXT NOT NULL,
          partition_key TEXT NOT NULL,
          error TEXT NOT NULL,
          message TEXT NOT NULL,
          envelope TEXT NOT NULL,
          created_at INTEGER NOT NULL           -- milliseconds since the epoch
        ) STRICT;
        CREATE INDEX faults_by_age ON faults (created_at, id);
        """,
    ),
    Migration(
        "bff/0006-lanes",
        """
        CREATE TABLE lanes (
          sub TEXT NOT NULL,
          client TEXT NOT NULL,                 -- one device's database
          lane TEXT NOT NULL,
          last INTEGER NOT NULL,                -- the place of the last command that took effect: 1, 2, ...
          used_at INTEGER NOT NULL,             -- milliseconds since the epoch
          PRIMARY KEY (sub, client, lane)
        ) STRICT;
        CREATE INDEX lanes_by_use ON lanes (used_at);
        """,
    ),
    Migration("bff/0009-audit-trail", *widened("audit")),
    Migration(
        "bff/0010-reach",
        """
        ALTER TABLE entities ADD COLUMN reach TEXT;        -- owner, tenant, everyone, claim:<name>; null: unknown
        ALTER TABLE entities ADD COLUMN claim_value TEXT;  -- whose claim holds it, reaches the row
        CREATE INDEX entities_by_claim ON entities (claim_value, discriminator, pk, sk)
          WHERE deleted = 0 AND claim_value IS NOT NULL;
        """,
    ),
    Migration("bff/0011-second-wall", "", f"{SECOND_WALL}{FIELD_FUNCTION}"),
    Migration(
        "bff/0012-places",
        """
        CREATE TABLE places (                   -- where a consumer of the hub's events is
          consumer TEXT PRIMARY KEY,
          stream TEXT NOT NULL,                 -- which stream that was
          seq INTEGER NOT NULL,                 -- the last message that was dealt with
          holder TEXT NOT NULL,                 -- the process that reads on
          until INTEGER NOT NULL                -- milliseconds since the epoch; from then on another may
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE faults ADD COLUMN work TEXT NOT NULL DEFAULT '{}';  -- what the rule would have written; redacted
        CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
        """,
    ),
    Migration(
        "bff/0013-rebuilds",
        """
        CREATE TABLE rebuilds (                 -- projections that are, or were, built anew
          id TEXT PRIMARY KEY,                  -- also the generation of its rows
          projection TEXT NOT NULL,
          source TEXT NOT NULL,                 -- lake, hub
          state TEXT NOT NULL,                  -- running, swapped, done; cancelling, cancelled, failed
          events INTEGER NOT NULL,
          error TEXT NOT NULL,
          started_by TEXT NOT NULL,
          started_at INTEGER NOT NULL,          -- milliseconds since the epoch
          ended_at INTEGER,
          holder TEXT NOT NULL,                 -- the process that works at it
          until INTEGER NOT NULL                -- milliseconds since the epoch; from then on another may
        ) STRICT;
        CREATE UNIQUE INDEX rebuilds_one_at_a_time ON rebuilds (projection)
          WHERE state IN ('running', 'swapped', 'cancelling');
        """,
    ),
    Migration(
        "bff/0014-fault-subjects",
        """
        ALTER TABLE faults ADD COLUMN subject TEXT NOT NULL DEFAULT '';  -- of what was no event: on which it came
        """,
    ),
)
