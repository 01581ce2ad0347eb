"""Cache headers and conditional requests (RFC 9110 section 13, RFC 9111)."""

from __future__ import annotations

from hashlib import blake2b

import msgspec


class CacheRule(msgspec.Struct, frozen=True):
    """How long an answer may be used without asking again, in seconds.

    The default may be kept but is revalidated on every use. `shared` lets caches between the browser and the host keep
    it too: only for answers that do not depend on who asks.
    """

    max_age: int = 0
    stale_while_revalidate: int = 0
    shared: bool = False

    def header(self) -> str:
        """The value of Cache-Control."""
        scope = "public" if self.shared else "private"
        if self.max_age <= 0:
            return f"{scope}, no-cache"
        rule = f"{scope}, max-age={self.max_age}"
        if self.stale_while_revalidate > 0:
            rule += f", stale-while-revalidate={self.stale_while_revalidate}"
        return rule


def entity_tag(body: bytes) -> str:
    """A strong entity tag: equal exactly when the bytes are."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has this representation already (weak comparison, RFC 9110 section 8.8.3.2)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    opaque = tag.removeprefix("W/")
    return any(candidate.strip().removeprefix("W/") == opaque for candidate in if_none_match.split(","))
