"""The page: one HTML document per view, rendered from the manifest for this person and this path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from gzip import compress
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portico.host.page import TITLE, Decision, active_releases, boot, decide, script_json, styles_of
from portico.host.security import new_nonce, page_policy
from portico.host.session import RawHeaders, Session
from portico.host.static import CONNECT, RUNTIME, SHELL_CSS, platform_modules
from portico.manifest import ImportMap, Module, PlatformAssets, Release, Snapshot, import_map, preloads

_GZIP_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Message:
    """What the shell itself says in the main slot when no app may or can."""

    status: int
    heading: str
    text: str
    action: str
    href: str


class Shell:
    """Answers every path that is neither an asset nor an API with the page of that path."""

    def __init__(
        self,
        *,
        snapshot: Callable[[], Awaitable[Snapshot]],
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        platform: PlatformAssets,
        form_targets: frozenset[str],
        load_timeout_ms: int,
    ) -> None:
        self._snapshot = snapshot
        self._identify = identify
        self._modules = platform_modules(platform)
        self._runtime = platform.module(RUNTIME)
        self._connect = platform.module(CONNECT)
        self._shell_css = platform.module(SHELL_CSS)
        self._form_targets = form_targets
        self._load_timeout_ms = load_timeout_ms
        self._import_map: tuple[str, ImportMap, Markup] | None = None
        environment = Environment(
            loader=PackageLoader("portico.host"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("index.html.j2")

    async def page(self, request: Request) -> Response:
        """The document for one view: 200, or 401, 403, 404 with a page inside the shell."""
        person = await self._identify(request.headers.raw)
        if person is None and _comes_from_elsewhere(request):
            return _come_again(request)
        snapshot = await self._snapshot()
        path = request.url.path
        decision = decide(snapshot, person, path)
        active = active_releases(snapshot, person, path)
        mapped, map_text = self._mapped(snapshot)
        nonce = new_nonce()
        document = self._template.render(
            nonce=nonce,
            title=f"{decision.title} · {TITLE}" if decision.title else TITLE,
            shell_css=self._shell_css,
            runtime=self._runtime,
            connect=self._connect,
            import_map=map_text,
            preloads=self._preloads(snapshot, active, mapped),
            styles=[style for release in active for style in styles_of(release)],
            boot=Markup(script_json(boot(snapshot, person, decision, load_timeout_ms=self._load_timeout_ms))),  # noqa: S704
            message=_message(decision, request),
        )
        policy = page_policy(nonce, trusted_types=_trusted_types(snapshot), form_targets=self._form_targets)
        return _html(request, document, decision.status, policy)

    def _mapped(self, snapshot: Snapshot) -> tuple[ImportMap, Markup]:
        """The import map and its text, made once per revision."""
        if self._import_map is None or self._import_map[0] != snapshot.etag:
            mapped = import_map(snapshot, self._modules)
            # Canonical JSON of the manifest is safe inside a script element.
            self._import_map = (snapshot.etag, mapped, Markup(mapped.to_json().decode()))  # noqa: S704
        return self._import_map[1], self._import_map[2]

    def _preloads(self, snapshot: Snapshot, active: list[Release], mapped: ImportMap) -> list[Module]:
        """The runtime's import, and what the active apps load before they can mount; each once."""
        needed = {self._modules["@portico/sdk"].url: self._modules["@portico/sdk"]}
        for release in active:
            if release.manifest.entry is not None:
                needed |= {module.url: module for module in preloads(snapshot, mapped, release, release.manifest.entry)}
        return list(needed.values())


def _trusted_types(snapshot: Snapshot) -> set[str]:
    return {name for release in snapshot.releases for name in release.manifest.trusted_types}


def _html(request: Request, document: str, status: int, headers: dict[str, str]) -> Response:
    """The page as a response of this person alone: no cache keeps it, compressed where the browser takes gzip."""
    body = document.encode()
    headers = {**headers, "Cache-Control": "no-store", "Vary": "Accept-Encoding, Cookie"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = compress(body, _GZIP_LEVEL)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status_code=status, media_type="text/html", headers=headers)


def _comes_from_elsewhere(request: Request) -> bool:
    """Whether a link on another site led here, so that the browser has held the SameSite=Strict cookie back."""
    headers = request.headers
    return headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") == "navigate"


def _come_again(request: Request) -> Response:
    """A page that asks for itself once more: that request is same-origin, so it carries the session if there is one."""
    query = f"?{request.url.query}" if request.url.query else ""
    # One leading slash: with two, the target would be another host's.
    target = f"/{quote(request.url.path).lstrip('/')}{query}"
    document = f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(target)}"><title>{TITLE}</title>'
    return HTMLResponse(document, headers={"Cache-Control": "no-store"})


def _message(decision: Decision, request: Request) -> Message | None:
    match decision.status:
        case 200:
            return None
        case 401:
            query = f"?{request.url.query}" if request.url.query else ""
            return Message(
                401,
                "Sign in to open this page",
                "It holds things that belong to a person. After signing in you come straight back here.",
                "Sign in",
                f"/auth/sign-in?return_to={quote(request.url.path + query, safe='')}",
            )
        case 403:
            return Message(
                403,
                "This page is not open to you",
                "You are signed in, but your roles do not include it. If they should, ask whoever runs this site.",
                "Back to the start",
                "/",
            )
        case 404:
            return Message(
                404,
                "There is no page here",
                "The address may be misspelt, or the page has moved or was retired.",
                "Back to the start",
                "/",
            )
