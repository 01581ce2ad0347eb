"""``POST /_portico/rum``: a beacon of a page. Anybody may send one, so each is small, and nobody may send many."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.host.clock import Clock
from portico.host.gateway.headers import header
from portico.host.gateway.rate import Rate
from portico.host.peers import Peers
from portico.host.rum.batch import LARGEST, Batch, read_batch
from portico.host.rum.counts import Counts
from portico.problem import FieldError, Problem

PATH = "/_portico/rum"
_PER_MINUTE = 120
"""Beacons of one address: a page sends at most one in some seconds, and many people may share an address."""
_TO_LEVEL = {"info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}

_logger = logging.getLogger("portico.rum")


class RumEndpoint:
    """Takes beacons: one JSON line in the log for each record, and a count.

    No line says who the person is, nor from which address it came. ``apps`` are the full names in the channel.
    """

    def __init__(
        self,
        counts: Counts,
        *,
        base_url: str,
        peers: Peers,
        apps: Callable[[], Awaitable[frozenset[str]]],
        clock: Clock,
    ) -> None:
        self._counts = counts
        self._base_url = base_url
        self._peers = peers
        self._apps = apps
        self._rate = Rate("rum", _PER_MINUTE, clock)

    @property
    def routes(self) -> Sequence[Route]:
        """For the host's router."""
        return [Route(PATH, self.take, methods=["POST"])]

    async def take(self, request: Request) -> Response:
        """Answer 204 when the records are in the log."""
        try:
            batch = await self._batch(request)
        except Problem:
            self._counts.refused += 1
            raise
        self._counts.add(batch, await self._apps())
        for record in batch.records:
            line = {"event": "rum", "path": batch.path, "revision": batch.revision, **msgspec.to_builtins(record)}
            # ASCII alone: terminals obey some of the other characters (U+009B), and readers of lines some (U+2028).
            _logger.log(_TO_LEVEL[record.level], "%s", json.dumps(line, separators=(",", ":")))
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def _batch(self, request: Request) -> Batch:
        headers = request.scope["headers"]
        # A beacon cannot carry X-Portico. JSON from another site would need a preflight, which nobody answers here.
        site, origin = header(headers, b"sec-fetch-site"), header(headers, b"origin")
        if not (site == "same-origin" if site is not None else origin == self._base_url):
            detail = "Only pages of this origin tell of themselves."
            raise Problem("cross-site-request", status=403, title="This call comes from another site", detail=detail)
        if (header(headers, b"content-type") or "").partition(";")[0].strip().lower() != "application/json":
            raise Problem("unsupported-media-type", status=415, detail="Send application/json.")
        self._rate.check(self._peers.address(request.scope), "Pages of your address have")
        try:
            return read_batch(await _body(request))
        except msgspec.DecodeError as error:
            raise Problem.invalid([FieldError("", str(error)[:300])]) from error


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Problem("body-too-large", status=413, title="The body is too large")
    return body
