"""CPU per call through the host's gateway: the BFF mounted in its process, or over HTTP, against the bare BFF.

With a token that is kept from call to call, as it nearly always is, and cold: each call is the first of its session, so
that the host reads the session and signs a token, and the BFF verifies it.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.host_world import HEADERS, build_app, fresh_sessions, host, install_bff, sign_in
from benchmarks.listing_bff import GRAPHQL_BODY, PERSON
from benchmarks.measure import Scale, Target, cpu_per_request
from benchmarks.processes import serving
from benchmarks.table import COST_COLUMNS, Table, cost_rows
from portico.host.session import Session
from portico.host.tokens import HostKeys, SignedTokens
from portico.serving import check_port

BFF = "benchmarks.listing_bff:create_app"
REMOTE = "listing-remote"
HEALTH = "host, its own health"
_JSON = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
COLD = "cold token"
_CALLS = {"cached token": "/mine", "REST list": "/items", "GraphQL list": "/graphql"}


async def run(scale: Scale, folder: Path) -> Table:
    """Measure with a real session and the host's own tokens. Over HTTP, the host's share alone is counted."""
    port, bff_port = check_port("127.0.0.1", 0), check_port("127.0.0.1", 0)
    base_url, bff_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{bff_port}"
    app = build_app(folder / "listing", "@bench/listing", bff={"app": BFF, "api": "rest"})
    settings = {
        "PORTICO_APP": REMOTE,
        "PORTICO_ISSUER": base_url,
        "PORTICO_JWKS_URL": f"{base_url}/.well-known/jwks.json",
        "DATABASE_URL": f"sqlite:///{folder / 'remote.db'}",
        "NATS_URL": "",
    }
    bff = serving("portico.bff", "serve", BFF, "--port", str(bff_port), url=bff_url, environment=settings)
    data_dir, installed = folder / "data", install_bff(folder / "installed", BFF)
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(bff)
        front = await stack.enter_async_context(
            host(data_dir, port, [app], bff_urls={REMOTE: bff_url}, path=[installed])
        )
        person = {**HEADERS, "Cookie": await sign_in(base_url, PERSON)}
        [bearer] = [dict([one]) for one in await _tokens(data_dir, base_url, 1)]
        targets = {HEALTH: Target(front, "/healthz")}
        floors: dict[str, str] = {}
        for name, path in _CALLS.items():
            method, body, extra = ("POST", GRAPHQL_BODY, _JSON) if path == "/graphql" else ("GET", None, {})
            targets[f"{name}, bare BFF"] = Target(bare, path, method, {**bearer, **extra}, body)
            targets[f"{name}, mounted"] = Target(front, f"/api/listing{path}", method, {**person, **extra}, body)
            targets[f"{name}, over HTTP"] = Target(front, f"/api/{REMOTE}{path}", method, {**person, **extra}, body)
            floors |= {f"{name}, mounted": f"{name}, bare BFF", f"{name}, over HTTP": HEALTH}
        calls = (scale.rounds + 1) * scale.requests
        cookies = iter([("Cookie", one) for one in await fresh_sessions(data_dir, base_url, 2 * calls)])
        tokens = iter(await _tokens(data_dir, base_url, calls))
        targets[f"{COLD}, bare BFF"] = Target(bare, "/mine", each=tokens)
        targets[f"{COLD}, mounted"] = Target(front, "/api/listing/mine", headers=HEADERS, each=cookies)
        targets[f"{COLD}, over HTTP"] = Target(front, f"/api/{REMOTE}/mine", headers=HEADERS, each=cookies)
        floors |= {f"{COLD}, mounted": f"{COLD}, bare BFF", f"{COLD}, over HTTP": HEALTH}
        figures = await cpu_per_request(targets, scale)
    return Table(
        "CPU per call of the host through its gateway",
        COST_COLUMNS,
        cost_rows(figures, floors),
        [
            "Mounted, the floor is the bare BFF in its own process: 'over floor' is what the host adds. Goal 40 µs.",
            "Over HTTP, the floor is the host's own health answer, and the BFF's process pays besides. Goal 400 µs.",
            "Cold, each call is the first of its session: the host reads it and signs, and the BFF verifies.",
        ],
    )


async def _tokens(data_dir: Path, issuer: str, count: int) -> list[tuple[str, str]]:
    """Headers with tokens for the bare BFF, by the host's own keys; they live for five minutes."""
    signed = SignedTokens(HostKeys.open(data_dir / "keys" / "tokens.json"), issuer, time.time)
    person = Session("bare", PERSON, PERSON, (), None, time.time() + 86400, 1)
    issued = [await signed.issue(person, f"urn:portico:bff:{REMOTE}") for _ in range(count)]
    return [("Authorization", f"Bearer {one.token}") for one in issued]
