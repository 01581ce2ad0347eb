"""The security headers of every answer, and the content security policy of every page.

Sources: CSP Level 3, Trusted Types, Integrity-Policy, Fetch Metadata; the target is the top grade of MDN's HTTP
Observatory.
"""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_urlsafe

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The platform's own Trusted Types policies: the runtime's two (`default` lets the empty string alone through), and that
# of who registers the service worker. Frameworks bring theirs through their app manifests.
OWN_TRUSTED_TYPES = ("default", "portico", "portico-worker")

# What no page of the platform does, and no script in one may. (Only features that browsers know: others are logged.)
_NOT_USED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "idle-detection",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking")  # fmt: skip

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_USED),
    "X-Frame-Options": "DENY",
}
# An answer that is not a page gets a policy under which nothing in it could run.
_NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HSTS = "max-age=63072000; includeSubDomains"


def new_nonce() -> str:
    """A nonce for one response: 128 random bits, base64url."""
    return token_urlsafe(16)


def page_policy(
    nonce: str,
    *,
    trusted_types: Iterable[str] = (),
    form_targets: Iterable[str] = (),
    own_origins: Iterable[str] = (),
    all_hashed: bool = True,
) -> dict[str, str]:
    """The headers that hold a page to its own nonce.

    `trusted_types` are policy names that app manifests ask for; `form_targets` are origins that a form's answer may
    redirect to (the provider, at sign-out). `own_origins` are where a developer's own versions of apps come from: those
    have no integrity, and may ask their server for more (styles, images, and what has changed). `all_hashed` says that
    every module which the page may load has integrity, so that a browser can refuse any other.
    """
    elsewhere = sorted(set(own_origins))
    own = "".join(f" {origin}" for origin in elsewhere)
    sockets = "".join(f" ws{origin.removeprefix('http')}" for origin in elsewhere)
    policies = " ".join([*OWN_TRUSTED_TYPES, *_of_apps(trusted_types)])
    forms = " ".join(["'self'", *sorted(set(form_targets))])
    directives = [
        "default-src 'none'",
        f"script-src 'nonce-{nonce}' 'strict-dynamic'",
        f"style-src 'self' 'nonce-{nonce}'{own}",
        f"img-src 'self' data:{own}",
        f"font-src 'self'{own}",
        f"connect-src 'self'{own}{sockets}",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        f"form-action {forms}",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        f"trusted-types {policies}",
    ]
    integrity = {} if elsewhere or not all_hashed else {"Integrity-Policy": "blocked-destinations=(script)"}
    return {"Content-Security-Policy": "; ".join(directives), **integrity}


def _of_apps(trusted_types: Iterable[str]) -> list[str]:
    """The policies of apps. Every copy of a framework makes its own: that of another app, and one loaded anew."""
    names = sorted(set(trusted_types).difference(OWN_TRUSTED_TYPES))
    return [*names, "'allow-duplicates'"] if names else []


# The service worker fetches from this host alone; it loads no scripts but its own.
WORKER_POLICY = "default-src 'none'; connect-src 'self'; script-src 'self'"


class SecurityHeadersMiddleware:
    """Adds to each answer the headers that hold everywhere; what a route has set itself stays."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self.app = app
        headers = {
            **_EVERYWHERE,
            **({"Strict-Transport-Security": _HSTS} if hsts else {}),
            "Content-Security-Policy": _NOT_A_PAGE,
        }
        self.headers = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP on with the headers added; everything else untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                names = {name for name, _ in own}
                own += [header for header in self.headers if header[0] not in names]
                message = {**message, "headers": own}
            await send(message)

        await self.app(scope, receive, send_with_headers)
