"""From a request to whom it asks for: a server says so itself, of a browser the host says who is in front of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from portico.manifest.flags.evaluation import Context
from portico.manifest.flags.flag import Flag
from portico.manifest.flags.subject import Subject, SubjectOf
from portico.manifest.http.auth import authenticate
from portico.manifest.manifest import LIVE, Manifest

_LONGEST_KEY = 1_000
_OWN = frozenset({"targetingKey", "roles", "channel"})


class InvalidContext(ValueError):
    """A member of the context is not what OpenFeature or a condition here wants (INVALID_CONTEXT)."""


class Asker:
    """Who asks. With a deploy token the context is taken as given; else ``subject`` says who is there."""

    def __init__(self, manifest: Manifest, subject: SubjectOf | None) -> None:
        self._manifest = manifest
        self._subject = subject

    async def who(self, request: Request) -> Subject | None:
        """Return who is in front of a browser, ``None`` for a server; raises ``InvalidToken``."""
        if self._subject is None or "authorization" in request.headers:
            await authenticate(request, self._manifest)
            return None
        return await self._subject(request)

    async def context(self, who: Subject | None, given: Mapping[str, Any], flags: list[Flag]) -> Context:
        """Return the context to evaluate ``flags`` in; raises ``InvalidContext``.

        Which candidates somebody is shown is looked up only when one of the flags asks for it.
        """
        context, visitor = _of_server(given) if who is None else _of_browser(given, who)
        if visitor is None or not any(flag.asks_for_cohorts for flag in flags):
            return context
        state = await self._manifest.state(context.channel)
        shown = state.select(visitor)
        candidates = {entry.app: entry.candidate.digest for entry in state.split if entry.candidate is not None}
        mine = {app for app, digest in candidates.items() if (one := shown.release(app)) and one.digest == digest}
        return replace(context, candidates=frozenset(mine))


def _of_server(given: Mapping[str, Any]) -> tuple[Context, str | None]:
    key = _key(given)
    roles = given.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidContext("roles is a list of strings")
    channel = given.get("channel", LIVE)
    if not isinstance(channel, str) or "\0" in channel:
        raise InvalidContext("channel is the name of a channel")
    visitor = key if key is None or key.startswith("anon:") else f"sub:{key}"
    return Context(key, frozenset(roles), channel, attributes=_attributes(given)), visitor


def _of_browser(given: Mapping[str, Any], who: Subject) -> tuple[Context, str | None]:
    """Take key and roles from the host. A browser that the host knows nothing of may name itself, as nobody else."""
    named = _key(given)
    key = who.key if who.key is not None else f"anon:{named}" if named else None
    attributes = {**_attributes(given), **who.attributes}
    return Context(key, who.roles, LIVE, attributes=attributes), who.visitor


def _key(given: Mapping[str, Any]) -> str | None:
    key = given.get("targetingKey")
    if key is not None and not isinstance(key, str):
        raise InvalidContext("targetingKey is a string")
    if key is not None and len(key) > _LONGEST_KEY:
        raise InvalidContext(f"targetingKey has at most {_LONGEST_KEY} characters")
    return key or None


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in _OWN}
