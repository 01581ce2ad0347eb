"""The HTML document that every page view is: one template, rendered from the manifest for one person."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from gzip import compress

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from portico.host.language import Language, language_asked
from portico.host.origins import origin_of
from portico.host.overrides.endpoint import OFF_PATH
from portico.host.page import TITLE, Decision, Person, boot, script_json, styles_of
from portico.host.security import new_nonce, page_policy
from portico.host.static import OVERLAY, RUNTIME, SHELL_CSS, platform_modules
from portico.host.views import View
from portico.manifest import ImportMap, Module, PlatformAssets, Release, Snapshot, import_map, preloads

_GZIP_LEVEL = 5
OVERLAY_SPECIFIER = "@portico/runtime/overlay"
_REMEMBERED = 64
"""Import maps that are kept, each with its text: with rollouts under way, people see different ones."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the shell itself says in the main slot when no app may or can."""

    code: str | None
    heading: str
    text: str
    action: str
    href: str


class PageDocument:
    """Makes the document for a person and a decision, with the policy that holds it to its own nonce."""

    def __init__(self, platform: PlatformAssets, *, form_targets: frozenset[str], load_timeout_ms: int) -> None:
        self._modules = platform_modules(platform)
        self._runtime = platform.module(RUNTIME)
        self._overlay = platform.module(OVERLAY)
        self._shell_css = platform.module(SHELL_CSS)
        self._form_targets = form_targets
        self._load_timeout_ms = load_timeout_ms
        self._import_maps: OrderedDict[tuple[str, str], tuple[ImportMap, Markup]] = OrderedDict()
        environment = Environment(
            loader=PackageLoader("portico.host"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("index.html.j2")

    def response(
        self,
        request: Request,
        view: View,
        person: Person | None,
        decision: Decision,
        *,
        active: list[Release],
        message: Message | None,
    ) -> Response:
        """The document as a response of this person alone. What the releases in `active` need to start is preloaded."""
        nonce, snapshot, language = new_nonce(), view.snapshot, language_asked(request)
        mapped, map_text = self._mapped(snapshot)
        if view.urls:
            mapped = overridden(mapped, snapshot, view.urls)
            map_text = _text(mapped)
        if view.developer:
            mapped = mapped.with_module(OVERLAY_SPECIFIER, self._overlay)
            map_text = _text(mapped)
        document = self._template.render(
            nonce=nonce,
            language=language,
            title=f"{decision.title} · {TITLE}" if decision.title else TITLE,
            shell_css=self._shell_css,
            runtime=self._runtime,
            import_map=map_text,
            preloads=self._preloads(snapshot, (one for one in active if one.app not in view.urls), mapped),
            styles=[style for one in active if one.app not in view.unstyled for style in styles_of(one)],
            boot=Markup(script_json(self._boot(view, person, decision, language))),  # noqa: S704
            message=message,
            own=view.own,
            turn_off=OFF_PATH,
        )
        policy = page_policy(
            nonce,
            trusted_types=_trusted_types(snapshot),
            form_targets=self._form_targets,
            own_origins=[origin for url in view.urls.values() if (origin := origin_of(url))],
            # What is hosted elsewhere may come without integrity, and what it imports by itself nobody here knows.
            all_hashed=not (snapshot.externals or snapshot.scopes),
        )
        if view.cookie is not None:
            policy["Set-Cookie"] = view.cookie
        return _html(request, document, decision.status, policy)

    def latest(self, view: View, person: Person | None, language: Language) -> bytes:
        """What a page that is open needs of a document made now: registrations and import map, as JSON."""
        mapped, _ = self._mapped(view.snapshot)
        if view.urls:
            mapped = overridden(mapped, view.snapshot, view.urls)
        whole = self._boot(view, person, Decision(200, None), language)
        said = {"revision": whole["revision"], "user": whole["user"], "apps": whole["apps"]}
        return msgspec.json.encode({"boot": said, "importMap": msgspec.Raw(mapped.to_json())})

    def import_map(self, snapshot: Snapshot) -> ImportMap:
        """The import map that the documents of this snapshot carry."""
        return self._mapped(snapshot)[0]

    def _boot(self, view: View, person: Person | None, decision: Decision, language: Language) -> dict[str, object]:
        whole = boot(
            view.snapshot,
            person,
            decision,
            load_timeout_ms=self._load_timeout_ms,
            urls=view.urls,
            unstyled=view.unstyled,
            language=language.tag,
        )
        if language.runtime:
            whole["words"] = dict(language.runtime)
        if view.developer:
            whole["developer"] = {"releases": _versions(view.snapshot)}
        return whole

    def _mapped(self, snapshot: Snapshot) -> tuple[ImportMap, Markup]:
        """The import map and its text, made once per selection; the latest used are kept."""
        key = (snapshot.channel, snapshot.etag)
        made = self._import_maps.get(key)
        if made is None:
            mapped = import_map(snapshot, self._modules)
            made = self._import_maps[key] = (mapped, _text(mapped))
            if len(self._import_maps) > _REMEMBERED:
                self._import_maps.popitem(last=False)
        self._import_maps.move_to_end(key)
        return made

    def _preloads(self, snapshot: Snapshot, active: Iterable[Release], mapped: ImportMap) -> list[Module]:
        """What the active apps load before they can mount, each once; the runtime has an element of its own."""
        needed: dict[str, Module] = {}
        for release in active:
            if release.manifest.entry is not None:
                needed |= {module.url: module for module in preloads(snapshot, mapped, release, release.manifest.entry)}
        needed.pop(self._runtime.url, None)
        return list(needed.values())


def overridden(mapped: ImportMap, snapshot: Snapshot, urls: Mapping[str, str]) -> ImportMap:
    """The map with these apps' entries loaded from elsewhere, where they see what their releases would see.

    A URL is not hashed: it has no integrity, because what a developer changes has another one every time.
    """
    imports, scopes = dict(mapped.imports), dict(mapped.scopes)
    for app, url in urls.items():
        release = snapshot.release(app)
        if release is not None:
            imports[release.name] = url
            if (own := mapped.scopes.get(release.url(""))) is not None:
                scopes[f"{origin_of(url)}/"] = own
    return replace(mapped, imports=imports, scopes=scopes, text=None)


def _versions(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    return {one.name: {"version": one.version, "digest": one.digest} for one in snapshot.releases}


def _text(mapped: ImportMap) -> Markup:
    # Canonical JSON is safe inside a script element.
    return Markup(mapped.to_json().decode())  # noqa: S704


def _trusted_types(snapshot: Snapshot) -> set[str]:
    return {name for release in snapshot.releases for name in release.manifest.trusted_types}


def _html(request: Request, document: str, status: int, headers: dict[str, str]) -> Response:
    """No cache keeps it; compressed where the browser takes gzip."""
    body = document.encode()
    headers = {**headers, "Cache-Control": "no-store", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = compress(body, _GZIP_LEVEL)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status_code=status, media_type="text/html", headers=headers)
