"""Who may deploy, in SQL, for any database that ``portico.sql`` has an adapter for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from portico.manifest.access.audit import AuditEntry
from portico.manifest.access.keys import TeamKey
from portico.manifest.access.signatures import Signed
from portico.manifest.access.sql_rows import (
    AUDIT,
    KEY,
    RULE,
    SIGNED,
    TOKEN,
    audit_of,
    audit_statement,
    key_of,
    milliseconds,
    rule_of,
    signature_statement,
    signed_of,
    token_of,
)
from portico.manifest.access.store import AccessStore
from portico.manifest.access.trust import TrustRule
from portico.manifest.canonical import canonical_json
from portico.manifest.tokens import DeployToken
from portico.sql import Database, ExpectationFailed, Statement, UniqueViolation, Value


class SqlAccessStore(AccessStore):
    """The store over a database with the tables of ``sql_schema.MIGRATIONS``. The methods say what the port says."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_token(self, token: DeployToken, token_hash: bytes, audit: AuditEntry) -> None:
        """See ``AccessStore.add_token``."""
        statement = Statement(
            "INSERT INTO deploy_tokens (id, hash, team, label, created_at, expires_at, app) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            (
                token.id,
                token_hash,
                token.team,
                token.label,
                milliseconds(token.created_at),
                milliseconds(token.expires_at),
                token.app,
            ),
        )
        await self._database.write([statement, audit_statement(audit)])

    async def token(self, token_hash: bytes) -> DeployToken | None:
        """See ``AccessStore.token``: one seek in an index."""
        return await self._token(f"{TOKEN} WHERE hash = $1", token_hash)

    async def token_called(self, id_: str) -> DeployToken | None:
        """See ``AccessStore.token_called``."""
        return await self._token(f"{TOKEN} WHERE id = $1", id_)

    async def tokens(self) -> Sequence[DeployToken]:
        """See ``AccessStore.tokens``."""
        return [token_of(row) for row in await self._database.read(f"{TOKEN} ORDER BY created_at DESC, id")]

    async def revoke_token(self, id_: str, at: datetime, audit: AuditEntry) -> bool:
        """See ``AccessStore.revoke_token``."""
        sql = "UPDATE deploy_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"
        return await self._changed(Statement(sql, (milliseconds(at), id_), expect=1), audit)

    async def used_token(self, id_: str, at: datetime) -> None:
        """See ``AccessStore.used_token``."""
        sql = "UPDATE deploy_tokens SET last_used_at = $1 WHERE id = $2"
        await self._database.write([Statement(sql, (milliseconds(at), id_))])

    async def add_key(self, key: TeamKey, audit: AuditEntry) -> bool:
        """See ``AccessStore.add_key``."""
        sql = "INSERT INTO team_keys (team, id, public_key, label, created_at) VALUES ($1, $2, $3, $4, $5)"
        values = (key.team, key.id, key.public_key, key.label, milliseconds(key.created_at))
        try:
            await self._database.write([Statement(sql, values), audit_statement(audit)])
        except UniqueViolation:
            return False
        return True

    async def key(self, team: str, id_: str) -> TeamKey | None:
        """See ``AccessStore.key``."""
        rows = await self._database.read(f"{KEY} WHERE team = $1 AND id = $2", (team, id_))
        return key_of(rows[0]) if rows else None

    async def keys(self, team: str) -> Sequence[TeamKey]:
        """See ``AccessStore.keys``."""
        rows = await self._database.read(f"{KEY} WHERE team = $1 ORDER BY created_at DESC, id", (team,))
        return [key_of(row) for row in rows]

    async def revoke_key(self, team: str, id_: str, at: datetime, audit: AuditEntry) -> bool:
        """See ``AccessStore.revoke_key``."""
        sql = "UPDATE team_keys SET revoked_at = $1 WHERE team = $2 AND id = $3 AND revoked_at IS NULL"
        return await self._changed(Statement(sql, (milliseconds(at), team, id_), expect=1), audit)

    async def requires_signatures(self, team: str) -> bool:
        """See ``AccessStore.requires_signatures``."""
        return bool(await self._database.read("SELECT 1 FROM team_signing WHERE team = $1 AND required = 1", (team,)))

    async def require_signatures(self, team: str, audit: AuditEntry, *, required: bool) -> None:
        """See ``AccessStore.require_signatures``."""
        sql = (
            "INSERT INTO team_signing (team, required) VALUES ($1, $2) "
            "ON CONFLICT (team) DO UPDATE SET required = excluded.required"
        )
        await self._database.write([Statement(sql, (team, int(required))), audit_statement(audit)])

    async def add_signature(self, digest: str, signed: Signed) -> None:
        """See ``AccessStore.add_signature``."""
        await self._database.write([signature_statement(digest, signed)])

    async def signatures(self, digests: Collection[str]) -> Mapping[str, Sequence[Signed]]:
        """See ``AccessStore.signatures``."""
        wanted = sorted(set(digests))
        found: dict[str, list[Signed]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            places = ", ".join(f"${number}" for number in range(1, len(some) + 1))
            sql = f"{SIGNED} WHERE s.release IN ({places}) ORDER BY s.created_at, s.key_id"
            for digest, signed in map(signed_of, await self._database.read(sql, some)):
                found.setdefault(digest, []).append(signed)
        return found

    async def add_rule(self, rule: TrustRule, audit: AuditEntry) -> None:
        """See ``AccessStore.add_rule``."""
        statement = Statement(
            "INSERT INTO trust_rules (id, team, app, issuer, audience, subject, claims, label, created_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            (
                rule.id,
                rule.team,
                rule.app,
                rule.issuer,
                rule.audience,
                rule.subject,
                canonical_json(dict(rule.claims)).decode(),
                rule.label,
                milliseconds(rule.created_at),
            ),
        )
        await self._database.write([statement, audit_statement(audit)])

    async def rules(self, *, issuer: str | None = None) -> Sequence[TrustRule]:
        """See ``AccessStore.rules``."""
        where, values = ("WHERE issuer = $1 ", (issuer,)) if issuer is not None else ("", ())
        rows = await self._database.read(f"{RULE} {where}ORDER BY created_at DESC, id", values)
        return [rule_of(row) for row in rows]

    async def remove_rule(self, id_: str, audit: AuditEntry) -> bool:
        """See ``AccessStore.remove_rule``."""
        return await self._changed(Statement("DELETE FROM trust_rules WHERE id = $1", (id_,), expect=1), audit)

    async def audit(self, *, team: str | None, before: tuple[datetime, str] | None, limit: int) -> Sequence[AuditEntry]:
        """See ``AccessStore.audit``."""
        at, id_ = (milliseconds(before[0]), before[1]) if before else (1 << 62, "")
        where = "WHERE (at < $1 OR (at = $1 AND id < $2))"
        values: list[Value] = [at, id_, limit]
        if team is not None:
            where += " AND team = $4"
            values.append(team)
        rows = await self._database.read(f"{AUDIT} {where} ORDER BY at DESC, id DESC LIMIT $3", values)
        return [audit_of(row) for row in rows]

    async def _token(self, sql: str, value: Value) -> DeployToken | None:
        rows = await self._database.read(sql, (value,))
        return token_of(rows[0]) if rows else None

    async def _changed(self, statement: Statement, audit: AuditEntry) -> bool:
        """Run a statement that changes one row, together with its audit entry; tells whether there was that row."""
        try:
            await self._database.write([statement, audit_statement(audit)])
        except ExpectationFailed:
            return False
        return True


_AT_ONCE = 200
"""Signatures of so many releases are read by one query."""
