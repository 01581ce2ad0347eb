"""What one page view holds, decided from the manifest, the person and the path. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

from portico.host.language import ENGLISH
from portico.manifest import AppManifest, Offer, Release, Route, RouteMatch, Snapshot, match_route

TITLE = "Portico"
"""What the document is called; after a view's own title, in the page as in the runtime."""
MAIN_SLOT = "main"
SHELL_SLOTS = ("header", "tools", MAIN_SLOT)
"""The slots that the shell itself offers, in document order."""

_NO_URLS: Mapping[str, str] = MappingProxyType({})

RELEASE_HEADER = "Portico-Release"
"""With it, a page's calls name the release that it has of the app."""

Status = Literal[200, 401, 403, 404]


class Person(Protocol):
    """Who is asking, as far as a page needs to know."""

    @property
    def sub(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def roles(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Decision:
    """What the host answers for a path: the status, and the title of the view that claims it."""

    status: Status
    title: str | None


def decide(snapshot: Snapshot, person: Person | None, path: str, language: str = ENGLISH.tag) -> Decision:
    """Whether this person may see what the main slot shows at `path`; its title is in `language`.

    The most specific route decides, also when this person may not open it: a less specific one of another app must not
    answer in its place.
    """
    match = match_route(snapshot, path, MAIN_SLOT)
    if match is None:
        return Decision(404, None)
    if may_open(match.route, person):
        return Decision(200, match.route.title_in(language))
    return Decision(401 if person is None else 403, None)


def claim(snapshot: Snapshot, person: Person | None, path: str, slot: str) -> RouteMatch | None:
    """The most specific route of `slot` that matches `path` and that this person may open, of apps that routes show."""
    for pattern, release, route in snapshot.claims.get(slot, ()):
        if release.manifest.activation == "manual":
            continue
        params = pattern.match(path) if may_open(route, person) else None
        if params is not None:
            return RouteMatch(release, route, params)
    return None


def may_open(route: Route, person: Person | None) -> bool:
    """Whether a person passes a route's guard: signed in unless it is public, with one of its roles if it has any."""
    return route.access == "public" or _passes(person, route.roles)


def _passes(person: Person | None, roles: Sequence[str]) -> bool:
    return person is not None and (not roles or not set(roles).isdisjoint(person.roles))


def active_releases(snapshot: Snapshot, person: Person | None, path: str) -> list[Release]:
    """The releases that this path activates for this person, in the order of the shell's slots, each once."""
    matches = (claim(snapshot, person, path, slot) for slot in SHELL_SLOTS)
    return list({match.release.app: match.release for match in matches if match is not None}.values())


def boot(
    snapshot: Snapshot,
    person: Person | None,
    decision: Decision,
    *,
    load_timeout_ms: int,
    urls: Mapping[str, str] = _NO_URLS,
    unstyled: Collection[str] = (),
    language: str = ENGLISH.tag,
) -> dict[str, object]:
    """The boot document that the runtime reads (docs/reference/runtime.md). It names only what this person may open.

    `urls` are entries that are loaded from elsewhere, by the app's short name; those in `unstyled` bring their styles.
    Titles and labels are in `language`, where the manifests have them.
    """
    return {
        "revision": snapshot.revision,
        "loadTimeoutMs": load_timeout_ms,
        "heading": TITLE,
        "user": None if person is None else {"sub": person.sub, "name": person.name, "roles": list(person.roles)},
        "apps": [
            entry
            for release in snapshot.releases
            if (entry := _registration(release, person, urls, unstyled, language))
        ],
        "mountPoints": {
            name: [_offer(offer, language) for offer in offers if _is_offered(offer, person)]
            for name, offers in snapshot.mount_points.items()
        },
        "page": {"status": decision.status, "slot": MAIN_SLOT},
        "urls": {"signIn": "/auth/sign-in", "signOut": "/auth/sign-out"},
    }


def styles_of(release: Release) -> list[dict[str, str]]:
    """An app's style sheets, with the integrity each must have."""
    files = (release.file(path) for path in release.manifest.styles)
    return [{"href": release.url(file.path), "integrity": file.integrity} for file in files if file is not None]


def script_json(value: object) -> str:
    """JSON that may stand inside a script element: no `<`, no line separators that end one."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _registration(
    release: Release, person: Person | None, urls: Mapping[str, str], unstyled: Collection[str], language: str
) -> dict[str, object] | None:
    manifest = release.manifest
    routes = [route for route in manifest.routes if may_open(route, person)]
    if not routes or manifest.entry is None:
        return None
    return {
        "name": release.name,
        "app": release.app,
        "entry": urls.get(release.app) or release.url(manifest.entry),
        "styles": [] if release.app in unstyled else styles_of(release),
        "routes": [
            _present(path=route.path, slot=route.slot, access=route.access, title=route.title_in(language))
            for route in routes
        ],
        "bff": f"/api/{release.app}" if manifest.bff is not None else None,
        "headers": {RELEASE_HEADER: release.digest} if manifest.bff is not None else {},
        **_choices(manifest),
        **_present(
            modules=None if release.app in urls else release.entry_modules or None,
            offline=release.works_offline or None,
        ),
    }


def _choices(manifest: AppManifest) -> dict[str, object]:
    """What most manifests leave as it is."""
    return _present(
        isolation=manifest.isolation if manifest.isolation != "scope" else None,
        activation=manifest.activation if manifest.activation != "route" else None,
        transition=manifest.transition or None,
        trustedTypes=manifest.trusted_types or None,
        prefetch=manifest.prefetch or None,
    )


def _is_offered(offer: Offer, person: Person | None) -> bool:
    entry = offer.entry
    return not (entry.signed_in or entry.roles) or _passes(person, entry.roles)


def _offer(offer: Offer, language: str) -> dict[str, object]:
    entry, release = offer.entry, offer.release
    return _present(
        app=release.app,
        key=entry.key,
        order=entry.order,
        label=entry.label_in(language),
        icon=None if entry.icon is None else release.url(entry.icon),
        href=entry.href,
    )


def _present(**members: object) -> dict[str, object]:
    """A JSON object without the members that are not there."""
    return {name: value for name, value in members.items() if value is not None}
