"""Making and revoking deploy tokens, with their audit entries."""

from datetime import datetime, timedelta

from portico.manifest.access.audit import entry
from portico.manifest.access.store import AccessStore
from portico.manifest.errors import UnknownToken
from portico.manifest.tokens import DeployToken, new_token, token_hash


async def issue_token(
    store: AccessStore,
    team: str,
    *,
    label: str,
    lifetime: timedelta,
    now: datetime,
    by: DeployToken,
    app: str | None = None,
) -> tuple[DeployToken, str]:
    """Make a token for a team's apps, or one of them; returns its record, and the token, which is kept nowhere."""
    record, secret = new_token(team, label=label, now=now, lifetime=lifetime, app=app)
    until = record.expires_at.isoformat(timespec="seconds")
    told = entry(by, now, "token.created", team, record.id, label=label, app=app, expiresAt=until)
    await store.add_token(record, token_hash(secret), told)
    return record, secret


async def revoke_token(store: AccessStore, id_: str, *, now: datetime, by: DeployToken) -> DeployToken:
    """End a token at once; returns its record. Raises ``UnknownToken``."""
    known = await store.token_called(id_)
    if known is not None:
        told = entry(by, now, "token.revoked", known.team, id_, label=known.label, app=known.app)
        if await store.revoke_token(id_, now, told):
            return known
    raise UnknownToken(f"there is no token {id_} that is not revoked already")
