"""The manifest's tables. One text for SQLite and PostgreSQL; times are milliseconds since 1970, UTC."""

from portico.sql import Migration

MIGRATIONS = (
    Migration(
        "manifest/0001-releases-channels-tokens",
        """
        CREATE TABLE apps (
          app TEXT NOT NULL PRIMARY KEY,
          team TEXT NOT NULL,
          created_at BIGINT NOT NULL
        );
        CREATE TABLE releases (
          digest TEXT NOT NULL PRIMARY KEY,
          app TEXT NOT NULL REFERENCES apps (app),
          version TEXT NOT NULL,
          manifest TEXT NOT NULL,
          created_at BIGINT NOT NULL,
          creator TEXT NOT NULL,
          UNIQUE (app, version)
        );
        CREATE INDEX releases_by_time ON releases (created_at, digest);
        CREATE TABLE release_files (
          release TEXT NOT NULL REFERENCES releases (digest),
          path TEXT NOT NULL,
          size BIGINT NOT NULL,
          content_type TEXT NOT NULL,
          integrity TEXT NOT NULL,
          imports TEXT NOT NULL,
          PRIMARY KEY (release, path)
        );
        CREATE TABLE channel_revisions (
          channel TEXT NOT NULL,
          number BIGINT NOT NULL,
          parent BIGINT NOT NULL,
          who TEXT NOT NULL,
          at BIGINT NOT NULL,
          why TEXT NOT NULL,
          entries TEXT NOT NULL,
          PRIMARY KEY (channel, number)
        );
        CREATE TABLE deploy_tokens (
          id TEXT NOT NULL PRIMARY KEY,
          hash BLOB NOT NULL UNIQUE,
          team TEXT NOT NULL,
          label TEXT NOT NULL,
          created_at BIGINT NOT NULL,
          expires_at BIGINT NOT NULL,
          revoked_at BIGINT
        );
        """,
    ),
    Migration(
        "manifest/0002-platform-files",
        """
        CREATE TABLE platform_files (
          digest TEXT NOT NULL,
          path TEXT NOT NULL,
          size BIGINT NOT NULL,
          content_type TEXT NOT NULL,
          integrity TEXT NOT NULL,
          PRIMARY KEY (digest, path)
        );
        """,
    ),
    Migration(
        "manifest/0003-channels-as-changes",
        """
        CREATE TABLE channel_changes (
          channel TEXT NOT NULL,
          number BIGINT NOT NULL,
          kind TEXT NOT NULL,
          name TEXT NOT NULL,
          after TEXT NOT NULL,
          PRIMARY KEY (channel, number, kind, name)
        );
        CREATE INDEX channel_changes_by_name ON channel_changes (channel, kind, name, number);
        CREATE INDEX channel_revisions_whole ON channel_revisions (channel, number) WHERE entries <> '';
        CREATE TABLE deploy_answers (
          principal TEXT NOT NULL,
          key TEXT NOT NULL,
          request TEXT NOT NULL,
          status BIGINT NOT NULL,
          headers TEXT NOT NULL,
          body BLOB NOT NULL,
          at BIGINT NOT NULL,
          PRIMARY KEY (principal, key)
        );
        CREATE INDEX deploy_answers_by_time ON deploy_answers (at);
        """,
    ),
    Migration(
        "manifest/0003b-packages",
        """
        CREATE TABLE packages (
          package TEXT NOT NULL PRIMARY KEY,
          team TEXT NOT NULL
        );
        """,
    ),
    Migration(
        "manifest/0004-who-may-deploy",
        """
        ALTER TABLE deploy_tokens ADD COLUMN app TEXT;
        ALTER TABLE deploy_tokens ADD COLUMN last_used_at BIGINT;
        CREATE TABLE team_keys (
          team TEXT NOT NULL,
          id TEXT NOT NULL,
          public_key BLOB NOT NULL,
          label TEXT NOT NULL,
          created_at BIGINT NOT NULL,
          revoked_at BIGINT,
          PRIMARY KEY (team, id)
        );
        CREATE TABLE team_signing (
          team TEXT NOT NULL PRIMARY KEY,
          required BIGINT NOT NULL
        );
        CREATE TABLE release_signatures (
          release TEXT NOT NULL REFERENCES releases (digest),
          key_id TEXT NOT NULL,
          signature BLOB NOT NULL,
          created_at BIGINT NOT NULL,
          PRIMARY KEY (release, key_id)
        );
        CREATE TABLE trust_rules (
          id TEXT NOT NULL PRIMARY KEY,
          team TEXT NOT NULL,
          app TEXT,
          issuer TEXT NOT NULL,
          audience TEXT NOT NULL,
          subject TEXT NOT NULL,
          claims TEXT NOT NULL,
          label TEXT NOT NULL,
          created_at BIGINT NOT NULL
        );
        CREATE INDEX trust_rules_by_issuer ON trust_rules (issuer);
        CREATE TABLE deploy_audit (
          id TEXT NOT NULL PRIMARY KEY,
          at BIGINT NOT NULL,
          who TEXT NOT NULL,
          token TEXT NOT NULL,
          action TEXT NOT NULL,
          team TEXT NOT NULL,
          subject TEXT NOT NULL,
          detail TEXT NOT NULL
        );
        CREATE INDEX deploy_audit_by_time ON deploy_audit (at, id);
        """,
    ),
    Migration(
        "manifest/0005-flags",
        """
        CREATE TABLE flags (
          flag TEXT NOT NULL PRIMARY KEY,
          team TEXT NOT NULL,
          revision BIGINT NOT NULL
        );
        CREATE TABLE flag_revisions (
          flag TEXT NOT NULL REFERENCES flags (flag),
          number BIGINT NOT NULL,
          who TEXT NOT NULL,
          at BIGINT NOT NULL,
          why TEXT NOT NULL,
          document TEXT,
          PRIMARY KEY (flag, number)
        );
        CREATE TABLE flag_changes (
          id BIGINT NOT NULL PRIMARY KEY,
          number BIGINT NOT NULL
        );
        INSERT INTO flag_changes (id, number) VALUES (1, 0);
        """,
    ),
)
