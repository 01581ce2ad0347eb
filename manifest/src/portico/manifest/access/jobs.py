"""A CI job's own token (OpenID Connect), checked against trust rules: deploying without a secret.

Sources: OpenID Connect Core 2 and 3.1.3.7, RFC 7519, RFC 8725.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.util import urlsafe_b64decode

from portico.keys import TokenForm, TokenMalformed, open_token, strict_json
from portico.manifest.access.issuers import ALGORITHMS, Issuers
from portico.manifest.access.store import AccessStore
from portico.manifest.access.trust import TrustRule
from portico.manifest.errors import InvalidToken
from portico.manifest.tokens import DeployToken, Scope

LONGEST = 16 << 10
"""Characters of a token; CIs put much about the job into it."""
_LEEWAY = timedelta(seconds=30)
_LIFETIME = timedelta(hours=24)
"""A token that works for longer is a secret that lies about, and none of a job."""
_LATEST = 2**40


_FORM = TokenForm(ALGORITHMS, frozenset({None, "jwt", "application/jwt"}), LONGEST)


def looks_like_job_token(token: str) -> bool:
    """Tell whether a bearer's token is a JWT rather than a deploy token: three parts, the first a JSON object."""
    return token.count(".") == 2 and token.startswith("ey")


class JobTokens:
    """Turns a CI job's token into what its bearer may do."""

    def __init__(self, store: AccessStore, issuers: Issuers) -> None:
        self._store = store
        self._issuers = issuers

    async def principal(self, token: str, now: datetime) -> DeployToken:
        """Return what the job may do, under its subject as label.

        Raises ``InvalidToken``, or ``IssuerUnavailable`` when the issuer's keys cannot be had. Only issuers that a rule
        names are ever asked for keys.
        """
        issuer = _claimed_issuer(token)
        rules = await self._store.rules(issuer=issuer) if issuer is not None else ()
        if issuer is None or not rules:
            raise InvalidToken(f"no trust rule names the issuer of this token, {(issuer or 'none')[:200]!r}")
        claims = await self._verified(token, issuer)
        expires = _expiry(claims, now)
        matching = [rule for rule in rules if rule.matches(claims)]
        if not matching:
            raise InvalidToken(
                f"no trust rule of {issuer} fits this token: its subject is {_shown(claims.get('sub'))}, "
                f"its audience {_shown(claims.get('aud'))}"
            )
        return _principal(matching, str(claims["sub"]), now, expires)

    async def _verified(self, token: str, issuer: str) -> Mapping[str, Any]:
        try:
            opened = open_token(token, _FORM)
            key = await self._issuers.key(issuer, opened.kid, opened.algorithm)
            if key is None:
                raise InvalidToken(f"{issuer} has no key {opened.kid!r} for {opened.algorithm}")
            claims = strict_json(opened.verified(key))
        except TokenMalformed as error:
            raise InvalidToken(f"this token is not taken: {str(error).removesuffix('.')}") from error
        except (ValueError, RecursionError) as error:
            raise InvalidToken("this token's claims cannot be read") from error
        if not isinstance(claims, dict) or claims.get("iss") != issuer:
            raise InvalidToken("this token's claims cannot be read")
        return claims


def _claimed_issuer(token: str) -> str | None:
    """Read the issuer before anything is verified: it only says which rules to look for."""
    try:
        claims = json.loads(urlsafe_b64decode(token.split(".")[1].encode("ascii")))
    except (ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) and issuer.isprintable() else None


def _expiry(claims: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the token ends; raises ``InvalidToken`` when it does not hold now, or for longer than a job."""
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    begins = _time(claims, "nbf") if "nbf" in claims else issued
    if now >= expires + _LEEWAY:
        raise InvalidToken(f"this token expired at {expires.isoformat(timespec='seconds')}")
    if max(begins, issued) > now + _LEEWAY:
        raise InvalidToken("this token is of the future; compare the clocks")
    if expires - issued > _LIFETIME:
        raise InvalidToken("this token works for more than a day; a job's own does not")
    return expires


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _LATEST:
        raise InvalidToken(f"this token has no time {name!r}")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidToken(f"this token has no time {name!r}") from error


def _principal(rules: Sequence[TrustRule], subject: str, now: datetime, expires: datetime) -> DeployToken:
    first, *others = [Scope(rule.team, rule.app) for rule in rules]
    # Jobs of one subject that other rules match may do other things: they are not one client.
    named = "\n".join([rules[0].issuer, subject, *sorted(map(str, {first, *others}))]).encode()
    id_ = f"job-{hashlib.sha256(named).hexdigest()[:16]}"
    further = tuple(dict.fromkeys(scope for scope in others if scope != first))
    return DeployToken(id_, first.team, subject, now, expires, app=first.app, further=further)


def _shown(value: object) -> str:
    return json.dumps(value)[:200]
