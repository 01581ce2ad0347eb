"""What a schedule's faults are at the proxy. Those of the network harm everything, the others the ledger's commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from e2e.ledger.schedule import Break, FaultKind
from portico.bff.testing.faults import FaultProxy

COMMANDS = ("POST", "/api/ledger/*")
_HTML = {"Content-Type": "text/html"}

_HARMS: Mapping[FaultKind, Callable[[FaultProxy, int | None], object]] = {
    "cut_before_delivery": lambda proxy, times: proxy.cut_before_delivery(*COMMANDS, times=times),
    "cut_before_reply": lambda proxy, times: proxy.cut_before_reply(*COMMANDS, times=times),
    "cut_mid_body": lambda proxy, times: proxy.cut_mid_body(*COMMANDS, after=9, times=times),
    "stale_before_delivery": lambda proxy, times: proxy.cut_before_delivery(*COMMANDS, times=times, repeatable=True),
    "stale_before_reply": lambda proxy, times: proxy.cut_before_reply(*COMMANDS, times=times, repeatable=True),
    "captive_portal": lambda proxy, times: proxy.captive_portal(times=times),
    "captive_redirect": lambda proxy, times: proxy.captive_portal(redirect="http://portal.invalid/", times=times),
    "gateway_503": lambda proxy, times: proxy.answer(*COMMANDS, status=503, headers={"Retry-After": "1"}, times=times),
    "bare_502": lambda proxy, times: proxy.answer(*COMMANDS, status=502, headers=_HTML, body=b"<h1>502", times=times),
    "slow": lambda proxy, times: proxy.slow(*COMMANDS, latency_s=0.05, bytes_per_s=20_000, times=times),
    "black_hole": lambda proxy, times: proxy.black_hole(*COMMANDS, times=times),
    "refuse": lambda proxy, _times: proxy.refuse(),
}


def harm(proxy: FaultProxy, step: Break) -> None:
    """Let the network fail as the step says."""
    _HARMS[step.kind](proxy, step.times)
