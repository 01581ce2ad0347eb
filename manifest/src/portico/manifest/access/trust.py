"""Trust rules: whose CI may deploy which apps, told from what its identity provider says of a job."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

_OWNED = {
    "https://token.actions.githubusercontent.com": re.compile(r"repo:[^*/:]+/[^:]+(:.*)?"),
    "https://gitlab.com": re.compile(r"project_path:[^*/:]+/[^:]+(:.*)?"),
}
"""Issuers that anybody can have a job at: there, a rule must name an owner."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class TrustRule:
    """Whoever ``issuer`` calls ``subject``, in a token for ``audience``, may change ``team``'s apps, or ``app`` alone.

    In ``subject``, ``*`` stands for any characters but ``:``, which is what the parts of a CI's subject are held apart
    by. ``claims`` must be in the token as they are here. Histories show the subject: one that is not printable is
    nobody's.
    """

    id: str
    team: str
    app: str | None
    issuer: str
    audience: str
    subject: str
    label: str
    created_at: datetime
    claims: Mapping[str, str] = field(default_factory=dict)

    def matches(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether the rule covers a token with these claims, whose signature and times were checked."""
        audience = claims.get("aud")
        subject = claims.get("sub")
        return (
            claims.get("iss") == self.issuer
            and (audience == self.audience or (isinstance(audience, list) and self.audience in audience))
            and isinstance(subject, str)
            and len(subject) <= _LONGEST
            and subject.isprintable()
            and _pattern(self.subject).fullmatch(subject) is not None
            and all(claims.get(name) == value for name, value in self.claims.items())
        )

    def says_the_same(self, other: "TrustRule") -> bool:
        """Tell whether two rules let in the same jobs for the same apps."""
        return replace(other, id=self.id, label=self.label, created_at=self.created_at) == self

    def to_document(self) -> dict[str, Any]:
        """Return the rule as the API answers it."""
        return {
            "id": self.id,
            "team": self.team,
            "app": self.app,
            "issuer": self.issuer,
            "audience": self.audience,
            "subject": self.subject,
            "claims": dict(self.claims),
            "label": self.label,
            "createdAt": self.created_at.isoformat(timespec="milliseconds"),
        }


def new_rule_id() -> str:
    """Return the id of a new rule."""
    return secrets.token_hex(8)


def issuer_fault(issuer: str) -> str | None:
    """Tell what is wrong with an issuer's URL: https, or http on this machine, and nothing but host and path."""
    try:
        parts = urlsplit(issuer)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if not host or len(issuer) > _LONGEST or not issuer.isascii() or any(c.isspace() for c in issuer):
        return "is not a URL"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "must be https (http on this machine alone)"
    if "?" in issuer or "#" in issuer or "@" in parts.netloc:
        return "has a query, a fragment or a user"
    return None


def subject_fault(issuer: str, subject: str) -> str | None:
    """Tell what is wrong with a subject pattern: it must not let anybody in who can run a job at the issuer."""
    if not subject or len(subject) > _LONGEST or not subject.isprintable():
        return f"has 1 to {_LONGEST} printable characters"
    if not subject.strip("*:/"):
        return "matches every job of the issuer; name at least the repository's owner"
    owned = _OWNED.get(issuer)
    if owned is not None and not owned.fullmatch(subject):
        return "must name the owner: anybody may have jobs at this issuer (repo:<owner>/..., project_path:<group>/...)"
    return None


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _pattern(subject: str) -> re.Pattern[str]:
    return re.compile(r"[^:\x00-\x1f\x7f]*".join(map(re.escape, subject.split("*"))))
