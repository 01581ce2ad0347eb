"""Who may call what: `require(...)` and `public()` are the only two declarations, and having none is an error."""

from __future__ import annotations

import msgspec
from starlette.types import Scope

from portico.bff.claims import Claims
from portico.bff.errors import BffError, TokenRefused
from portico.problem import Problem

_KEY = "portico.identity"


class Requirement(msgspec.Struct, frozen=True):
    """What a route or field asks of the caller. Made by `require` and `public`."""

    signed_in: bool
    role: str | None = None
    scope: str | None = None
    or_role: str | None = None

    def check(self, identity: Identity) -> Claims | None:
        """The caller's claims when they may pass (None: nobody is signed in, and nobody needs to be).

        Raises the Problem to answer with: 401 without a good token, 403 without the role or scope.
        """
        if not self.signed_in:
            return identity.claims
        claims = identity.required()
        if self.role is not None and not any(claims.has_role(one) for one in (self.role, self.or_role) if one):
            raise Problem(
                "role-required",
                status=403,
                title="Not allowed",
                detail=f"This needs the role {self.role!r}.",
                extensions={"role": self.role},
            )
        if self.scope is not None and not claims.has_scope(self.scope):
            raise Problem(
                "scope-required",
                status=403,
                title="Not allowed",
                detail=f"This needs a token with the scope {self.scope!r}.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'},
                extensions={"scope": self.scope},
            )
        return claims


class Identity(msgspec.Struct, frozen=True):
    """What the authentication middleware found: claims, or why there are none."""

    claims: Claims | None = None
    refusal: BffError | None = None

    def required(self) -> Claims:
        """The claims, or the Problem that says why there are none (RFC 6750, section 3)."""
        if self.claims is not None:
            return self.claims
        if self.refusal is None:
            raise _unauthorized("Sign in to use this.", "Bearer")
        if isinstance(self.refusal, TokenRefused):
            reason = str(self.refusal)
            raise _unauthorized(reason, f'Bearer error="invalid_token", error_description="{reason}"')
        raise Problem(
            self.refusal.code,
            status=503,
            title="Sign-in cannot be checked just now",
            detail=str(self.refusal),
            headers={"Retry-After": "2"},
        )


def require(*, role: str | None = None, scope: str | None = None, or_role: str | None = None) -> Requirement:
    """Declare that the caller must be signed in, and have the role (or the other one) and the scope that are given."""
    return Requirement(signed_in=True, role=role, scope=scope, or_role=or_role)


def public() -> Requirement:
    """Declare that anybody may call this, signed in or not."""
    return Requirement(signed_in=False)


def identity_of(scope: Scope) -> Identity:
    """What is known of the caller of this ASGI connection."""
    found = scope.get(_KEY)
    return found if isinstance(found, Identity) else Identity()


def set_identity(scope: Scope, identity: Identity) -> None:
    """Record who calls; for the authentication middleware alone."""
    scope[_KEY] = identity


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(
        "sign-in-required",
        status=401,
        title="Sign in first",
        detail=detail,
        headers={"WWW-Authenticate": challenge},
    )
