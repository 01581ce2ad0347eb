"""The audit log of who may deploy: every token, key and trust rule that came or went, with who did it and when."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from portico.manifest.tokens import DeployToken

Action = Literal[
    "token.created",
    "token.revoked",
    "key.added",
    "key.revoked",
    "signatures.required",
    "signatures.optional",
    "trust.added",
    "trust.removed",
]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry; it is written together with what it tells of, or not at all.

    ``who`` and ``token`` are the label and id of the token that did it, ``subject`` is the id of what it was done to.
    """

    id: str
    at: datetime
    who: str
    token: str
    action: Action
    team: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Return the entry as the API answers it."""
        return {
            "id": self.id,
            "at": self.at.isoformat(timespec="milliseconds"),
            "who": self.who,
            "token": self.token,
            "action": self.action,
            "team": self.team,
            "subject": self.subject,
            "detail": dict(self.detail),
        }


def entry(by: DeployToken, at: datetime, action: Action, team: str, subject: str, /, **detail: Any) -> AuditEntry:
    """Return a new entry; members of ``detail`` that are ``None`` are left out."""
    told = {name: value for name, value in detail.items() if value is not None}
    return AuditEntry(secrets.token_hex(8), at, by.label, by.id, action, team, subject, told)
