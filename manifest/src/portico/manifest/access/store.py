"""The port of who may deploy: signing keys, signatures, trust rules, deploy tokens, and the audit log of them all."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from portico.manifest.access.audit import AuditEntry
from portico.manifest.access.keys import TeamKey
from portico.manifest.access.signatures import Signed
from portico.manifest.access.trust import TrustRule
from portico.manifest.tokens import DeployToken


class AccessStore(Protocol):
    """Rows of who may deploy. A change and its audit entry are written together, or neither is."""

    async def add_token(self, token: DeployToken, token_hash: bytes, audit: AuditEntry) -> None:
        """Keep a deploy token by its hash."""
        ...

    async def token(self, token_hash: bytes) -> DeployToken | None:
        """Return the token with this hash, or ``None``."""
        ...

    async def token_called(self, id_: str) -> DeployToken | None:
        """Return the token with this id, or ``None``."""
        ...

    async def tokens(self) -> Sequence[DeployToken]:
        """Return every token, newest first."""
        ...

    async def revoke_token(self, id_: str, at: datetime, audit: AuditEntry) -> bool:
        """Revoke a token; tells whether there was one that was not revoked yet."""
        ...

    async def used_token(self, id_: str, at: datetime) -> None:
        """Keep when a token was last used."""
        ...

    async def add_key(self, key: TeamKey, audit: AuditEntry) -> bool:
        """Keep a team's key; tells whether it is new."""
        ...

    async def key(self, team: str, id_: str) -> TeamKey | None:
        """Return a key of a team, or ``None``."""
        ...

    async def keys(self, team: str) -> Sequence[TeamKey]:
        """Return a team's keys, newest first, revoked ones too."""
        ...

    async def revoke_key(self, team: str, id_: str, at: datetime, audit: AuditEntry) -> bool:
        """Revoke a key; tells whether there was one that was not revoked yet."""
        ...

    async def requires_signatures(self, team: str) -> bool:
        """Tell whether a team takes signed releases alone."""
        ...

    async def require_signatures(self, team: str, audit: AuditEntry, *, required: bool) -> None:
        """Keep whether a team takes signed releases alone."""
        ...

    async def add_signature(self, digest: str, signed: Signed) -> None:
        """Keep a signature with a release that is there; one by the same key stays as it is."""
        ...

    async def signatures(self, digests: Collection[str]) -> Mapping[str, Sequence[Signed]]:
        """Return the signatures of releases, oldest first; unsigned ones are left out."""
        ...

    async def add_rule(self, rule: TrustRule, audit: AuditEntry) -> None:
        """Keep a trust rule."""
        ...

    async def rules(self, *, issuer: str | None = None) -> Sequence[TrustRule]:
        """Return trust rules (of an issuer), newest first."""
        ...

    async def remove_rule(self, id_: str, audit: AuditEntry) -> bool:
        """Forget a trust rule; tells whether there was one."""
        ...

    async def audit(self, *, team: str | None, before: tuple[datetime, str] | None, limit: int) -> Sequence[AuditEntry]:
        """Return entries (about a team), newest first, older than ``before`` (time and id)."""
        ...
