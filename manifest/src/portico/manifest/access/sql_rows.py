"""From rows to values: who may deploy, as the tables of ``sql_schema`` hold it."""

import json
from datetime import UTC, datetime
from typing import cast

from portico.manifest.access.audit import Action, AuditEntry
from portico.manifest.access.keys import TeamKey
from portico.manifest.access.signatures import Signature, Signed
from portico.manifest.access.trust import TrustRule
from portico.manifest.canonical import canonical_json
from portico.manifest.tokens import DeployToken
from portico.sql import Row, Statement

TOKEN = "SELECT id, team, label, created_at, expires_at, revoked_at, app, last_used_at FROM deploy_tokens"  # noqa: S105
KEY = "SELECT team, id, public_key, label, created_at, revoked_at FROM team_keys"
RULE = "SELECT id, team, app, issuer, audience, subject, label, created_at, claims FROM trust_rules"
AUDIT = "SELECT id, at, who, token, action, team, subject, detail FROM deploy_audit"
SIGNED = (
    "SELECT s.release, s.key_id, s.signature, s.created_at, k.label, k.revoked_at FROM release_signatures s "
    "JOIN releases r ON r.digest = s.release JOIN apps a ON a.app = r.app "
    "JOIN team_keys k ON k.team = a.team AND k.id = s.key_id"
)


def token_of(row: Row) -> DeployToken:
    """Read a row of ``TOKEN``."""
    id_, team, label, created, expires, revoked, app, used = row
    return DeployToken(
        str(id_),
        str(team),
        str(label),
        time_of(created),
        time_of(expires),
        _time_or_none(revoked),
        _text_or_none(app),
        _time_or_none(used),
    )


def key_of(row: Row) -> TeamKey:
    """Read a row of ``KEY``."""
    team, id_, public, label, created, revoked = row
    return TeamKey(str(team), str(id_), _bytes(public), str(label), time_of(created), _time_or_none(revoked))


def rule_of(row: Row) -> TrustRule:
    """Read a row of ``RULE``."""
    id_, team, app, issuer, audience, subject, label, created, claims = row
    wanted = json.loads(str(claims))
    names = str(issuer), str(audience), str(subject), str(label)
    return TrustRule(str(id_), str(team), _text_or_none(app), *names, time_of(created), wanted)


def signed_of(row: Row) -> tuple[str, Signed]:
    """Read a row of ``SIGNED``: the release's digest, and the signature."""
    digest, key, signature, created, label, revoked = row
    made = Signature(str(key), _bytes(signature))
    return str(digest), Signed(made, str(label), time_of(created), revoked is not None)


def audit_of(row: Row) -> AuditEntry:
    """Read a row of ``AUDIT``."""
    id_, at, who, token, action, team, subject, detail = row
    done = cast("Action", str(action))  # only entries that we made are there
    told = json.loads(str(detail))
    return AuditEntry(str(id_), time_of(at), str(who), str(token), done, str(team), str(subject), told)


def audit_statement(entry: AuditEntry) -> Statement:
    """Return what writes an audit entry."""
    return Statement(
        "INSERT INTO deploy_audit (id, at, who, token, action, team, subject, detail) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        (
            entry.id,
            milliseconds(entry.at),
            entry.who,
            entry.token,
            entry.action,
            entry.team,
            entry.subject,
            canonical_json(dict(entry.detail)).decode(),
        ),
    )


def signature_statement(digest: str, signed: Signed) -> Statement:
    """Return what keeps a signature with its release; one by the same key stays as it is."""
    return Statement(
        "INSERT INTO release_signatures (release, key_id, signature, created_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (release, key_id) DO NOTHING",
        (digest, signed.signature.key_id, signed.signature.value, milliseconds(signed.at)),
    )


def milliseconds(at: datetime) -> int:
    """Return a time as it is stored."""
    return round(at.timestamp() * 1000)


def time_of(value: object) -> datetime:
    """Read a stored time."""
    if not isinstance(value, int):
        raise TypeError(f"a number was expected, not {value!r}")
    return datetime.fromtimestamp(value / 1000, UTC)


def _time_or_none(value: object) -> datetime | None:
    return None if value is None else time_of(value)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"bytes were expected, not {value!r}")
    return value
