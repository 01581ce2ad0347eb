"""`GET /metrics` of every BFF that has a store, for operators and their Prometheus."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from portico.bff.authorizer import require
from portico.bff.call import Call
from portico.bff.metrics import Meters
from portico.bff.rest.operation import Operation, get


def metrics_routes(role: str, scraper: str = "") -> Sequence[Operation]:
    """`GET /metrics` for people with this role, and for programs with the scraper's, which may do nothing else."""
    access = require(role=role, or_role=scraper or None)
    return (get("/metrics", read_metrics, access=access, tags=["metrics"]),)


async def read_metrics(call: Call) -> Response:
    """Read what becomes of events, per rule, in the text format of Prometheus."""
    meters = call.get(Meters)
    await meters.look()
    text = meters.text()
    return Response(text, media_type="text/plain; version=0.0.4", headers={"Cache-Control": "no-store"})
