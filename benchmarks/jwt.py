"""CPU of one token: verified anew, verified again, minted; against joserfc alone."""

from __future__ import annotations

import time
from pathlib import Path

from joserfc import jwt as jose

from benchmarks.measure import Scale, cpu_per_call
from benchmarks.table import COST_COLUMNS, Table, cost_rows
from portico.bff.testing.tokens import TokenIssuer
from portico.bff.verifier import TokenPolicy, TokenVerifier
from portico.host.session import Session
from portico.host.tokens import CachedTokens, HostKeys, SignedTokens

FLOOR = "joserfc: decode, ES256"
SIGN = "joserfc: sign, ES256"
KNOWN, NEW = "kit: verify a token seen before", "kit: verify a new token"
FRESH, KEPT = "host: mint a token", "host: hand out a minted token"


async def run(scale: Scale, _folder: Path) -> Table:
    """Measure in this thread; the cases that cannot use a cache get one that holds nothing."""
    issuer = TokenIssuer()
    token = issuer.token(roles=("member", "operator"))
    policy = TokenPolicy(issuers=frozenset({issuer.issuer}), audience=issuer.audience)
    caching = TokenVerifier(policy, issuer.keys())
    forgetful = TokenVerifier(policy, issuer.keys(), cache_size=0)
    keys = HostKeys.generate()
    session = Session("session", "ada", "Ada", ("member",), None, time.time() + 86400, 1)
    signed = SignedTokens(keys, issuer.issuer, time.time)
    tokens = CachedTokens(signed, time.time)
    claims = issuer.claims()

    async def decode() -> None:
        jose.decode(token, issuer.key, algorithms=["ES256"])

    async def sign() -> None:
        keys.sign(claims, typ="at+jwt")

    async def mint() -> None:
        await CachedTokens(signed, time.time).token_for(session, issuer.audience)

    async def hand_out() -> None:
        await tokens.token_for(session, issuer.audience)

    cases = {
        FLOOR: decode,
        NEW: lambda: forgetful.verify(token),
        KNOWN: lambda: caching.verify(token),
        SIGN: sign,
        FRESH: mint,
        KEPT: hand_out,
    }
    figures = await cpu_per_call(cases, scale)
    floors = {NEW: FLOOR, KNOWN: FLOOR, FRESH: SIGN, KEPT: SIGN}
    return Table(
        "CPU per token", COST_COLUMNS, cost_rows(figures, floors), ["Goal: at most 20 µs for a token seen before."]
    )
