"""The gateway's own refusals, as problems (docs/reference/problems.md)."""

from __future__ import annotations

import math

from portico.problem import Problem

RETRY_AFTER_S = "2"


def signed_out() -> Problem:
    """401 `signed-out`: there is no live session."""
    return Problem(
        "signed-out",
        status=401,
        title="You are not signed in",
        detail="Sign in at /auth/sign-in; calls to the API are answered for signed-in people only.",
        headers={"WWW-Authenticate": 'Session realm="portico"'},
    )


def other_person() -> Problem:
    """401 `other-person`: the call is somebody else's than the session's."""
    return Problem(
        "other-person",
        status=401,
        title="Somebody else is signed in",
        detail="The call was meant for another person than the one who is signed in here now.",
        headers={"WWW-Authenticate": 'Session realm="portico"'},
    )


def body_too_large(limit: int) -> Problem:
    """413 `body-too-large`: more than `limit` bytes."""
    return Problem("body-too-large", status=413, title="The body is too large", detail=f"The limit is {limit} bytes.")


def unknown_app(app: str) -> Problem:
    """404 `unknown-app`: nothing of that name has an API."""
    return Problem("unknown-app", status=404, title="Unknown app", detail=f"No app named {app[:80]!r} has an API here.")


def unavailable(detail: str = "The app's service cannot be reached.", *, retry_after_s: float = 2) -> Problem:
    """503 `backend-unavailable`: the BFF is away, left alone, or has too much to do."""
    return Problem(
        "backend-unavailable",
        status=503,
        title="The app's service is not available",
        detail=f"{detail} Try again in a moment.",
        headers={"Retry-After": str(max(1, math.ceil(retry_after_s)))},
    )


def backend_timeout() -> Problem:
    """504 `backend-timeout`: the BFF did not begin to answer in time."""
    return Problem(
        "backend-timeout",
        status=504,
        title="The app's service did not answer in time",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def no_token() -> Problem:
    """503 `token-unavailable`: the provider gives none for the BFF."""
    return Problem(
        "token-unavailable",
        status=503,
        title="The identity provider gives no token for the app's service",
        detail="You are still signed in. Try again in a moment.",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def bad_answer() -> Problem:
    """502 `bad-answer`: what the BFF answers cannot be passed on."""
    return Problem(
        "bad-answer",
        status=502,
        title="The app's service answers what cannot be passed on",
        detail="Its answer has headers or a status that HTTP does not allow. The host's log says which.",
    )
