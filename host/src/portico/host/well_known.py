"""`/.well-known/`: whom to tell of a hole (RFC 9116), and where to change a password (W3C)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from portico.host.config import HostConfig
from portico.problem import Problem

SECURITY_PATH = "/.well-known/security.txt"
CHANGE_PASSWORD_PATH = "/.well-known/change-password"  # noqa: S105 - a path
LIFETIME = timedelta(days=90)
"""How long what it says holds; RFC 9116, 2.5.5 wants less than a year."""
_EXAMPLE = ("mailto:security@example.com",)


def well_known_routes(config: HostConfig, clock: Callable[[], float]) -> list[Route]:
    """The routes; `clock` is seconds since the epoch. In development, security.txt is an example."""
    contact = config.security_contact or (_EXAMPLE if config.development else ())

    async def security(_request: Request) -> Response:
        if not contact:
            raise Problem.not_found("No contact is set; see PORTICO_SECURITY_CONTACT.")
        text = security_txt(contact, f"{config.base_url}{SECURITY_PATH}", datetime.fromtimestamp(clock(), UTC))
        return PlainTextResponse(text, headers={"Cache-Control": "public, max-age=3600"})

    async def change_password(_request: Request) -> Response:
        if not config.account_url:
            raise Problem.not_found("No page is set; see PORTICO_ACCOUNT_URL.")
        return RedirectResponse(config.account_url, 302, {"Cache-Control": "no-store"})

    return [Route(SECURITY_PATH, security), Route(CHANGE_PASSWORD_PATH, change_password)]


def security_txt(contact: tuple[str, ...], canonical: str, now: datetime) -> str:
    """The file, of lines that end in LF; what it says holds until `LIFETIME` after the beginning of today."""
    expires = datetime.combine(now.date(), time(), UTC) + LIFETIME
    lines = [f"Contact: {uri}" for uri in contact]
    lines += [f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", f"Canonical: {canonical}", "Preferred-Languages: en"]
    return "\n".join([*lines, ""])
