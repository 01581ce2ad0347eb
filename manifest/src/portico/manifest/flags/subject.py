"""Who asks for a flag without a deploy token: the host's own people, whom the host knows and this package does not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Subject:
    """The person or browser behind a request, as the host has verified it.

    ``key`` is the targeting key, ``None`` for a browser that nothing is known of. ``visitor`` is what cohorts know them
    by. ``attributes`` go before what the request says of itself; ``None`` is one that the person does not have.
    """

    key: str | None = None
    visitor: str | None = None
    roles: frozenset[str] = frozenset()
    attributes: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))


SubjectOf = Callable[[Request], Awaitable[Subject]]
"""The port: how a host says who is behind a request."""
