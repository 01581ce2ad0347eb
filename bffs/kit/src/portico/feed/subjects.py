"""Whose feed is which subject."""

from __future__ import annotations

import hashlib


def person_subject(sub: str) -> str:
    """The feed of the person with this ``sub``: ``feed.person.<32 hex>``."""
    return f"feed.person.{_digest(sub)}"


def tenant_subject(tenant: str) -> str:
    """The feed of everybody who works for this tenant: ``feed.tenant.<32 hex>``."""
    return f"feed.tenant.{_digest(tenant)}"


def _digest(name: str) -> str:
    # A name may hold what a subject may not, and the hub's monitoring shows subjects to people.
    return hashlib.sha256(name.encode()).hexdigest()[:32]
