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
)
