"""What the host says of its own parts, for `portico doctor`: the event hub, every BFF that people may meet, and every
service without an app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from starlette.types import Message

from portico.host.bffs import BffDirectory
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Backend
from portico.manifest import Release
from portico.manifest.diagnosis import Diagnosis

PATIENCE_S = 5.0
"""How long a BFF may take to say that it is well."""


def host_diagnoses(
    directory: BffDirectory,
    *,
    live: Callable[[], Awaitable[Iterable[Release]]],
    hub_answers: Callable[[], bool | None],
    circuit_of: Callable[[str], str] = lambda _backend: "closed",
    settings: Sequence[Diagnosis] = (),
    issuer: Callable[[], Awaitable[Diagnosis]] | None = None,
) -> Callable[[], Awaitable[Sequence[Diagnosis]]]:
    """Look at the hub and, all at once, at the BFFs of every release that the channel holds (`live`) and at the
    services without an app.

    `circuit_of` tells the state of a BFF's circuit breaker, by its name; `settings` is what is known from the start.
    `issuer` asks the OpenID provider; None where people sign in with the development provider.
    """

    async def diagnose() -> Sequence[Diagnosis]:
        with_bff = [release for release in await live() if release.manifest.bff is not None]
        asked = [
            *(_bff(directory, release.app, release, circuit_of) for release in with_bff),
            *(_bff(directory, name, None, circuit_of) for name in sorted(await directory.services_alone())),
        ]
        known = [*settings, _hub(hub_answers())]
        return [*known, *await asyncio.gather(*([issuer()] if issuer else []), *asked)]

    return diagnose


def _hub(answers: bool | None) -> Diagnosis:
    if answers is None:
        return Diagnosis("event hub", "warn", "none is set: pages show no change until they are loaded again")
    if not answers:
        return Diagnosis("event hub", "warn", "not connected: pages show no change meanwhile")
    return Diagnosis("event hub", "ok", "connected")


async def _bff(
    directory: BffDirectory, app: str, release: Release | None, circuit_of: Callable[[str], str]
) -> Diagnosis:
    name = f"service {app}" if release is None else f"bff {app} {release.version}"
    try:
        backend = directory.of_release(app, release)
        if backend is None:
            return Diagnosis(name, "fail", "it is nowhere")
        async with asyncio.timeout(PATIENCE_S):
            status = await _status(backend, app)
    except BackendUnavailable:
        return Diagnosis(name, "fail", "it cannot be reached or does not start; the host's log says why")
    except TimeoutError:
        return Diagnosis(name, "fail", f"no answer within {PATIENCE_S:g} seconds")
    if status >= 500:
        return Diagnosis(name, "fail", f"it answers {status}")
    if (circuit := circuit_of(backend.name)) != "closed":
        return Diagnosis(name, "warn", f"answers, but did not lately: its circuit is {circuit}, and closes by itself")
    return Diagnosis(name, "ok", "answers")


async def _status(backend: Backend, app: str) -> int:
    """The status that a BFF answers a health check with; one that has no such path answers as well."""
    path = f"/api/{app}/readyz"
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": f"/api/{app}",
        "query_string": b"",
        "headers": [(b"host", b"doctor"), (b"accept", b"application/json")],
        "client": None,
        "server": None,
    }
    await backend(scope, receive, send)
    return statuses[0] if statuses else 500
