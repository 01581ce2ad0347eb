"""The app manifest (``app.json``): what a team says of its micro-app, parsed into frozen values."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any, Literal

from portico.manifest.canonical import canonical_json
from portico.manifest.contracts.openapi import is_use
from portico.manifest.errors import Finding, InvalidManifest
from portico.manifest.offline import Offline, offline_meaning, offline_of
from portico.manifest.routing import InvalidPattern, pattern_of
from portico.manifest.schema_findings import findings_of
from portico.manifest.schemas import validator
from portico.manifest.versions import InvalidRange, check_range
from portico.manifest.well_formed import malformations, pointer

FILE_NAME = "app.json"
"""Where the app manifest is kept, at the top of the built folder."""

Access = Literal["public", "signed-in"]
Isolation = Literal["scope", "shadow", "none"]
Activation = Literal["route", "manual"]
RESERVED_PATHS = frozenset(
    {".well-known", "a", "api", "apps.json", "auth", "deploy", "dev-idp", "favicon.svg", "healthz", "imd"}
    | {"_portico", "importmap.json", "live", "mount-points.json", "ofrep", "readyz"}
)
"""First segments of the paths that the platform answers itself; an app cannot claim them."""

RESERVED_SCOPE = "@portico/"
"""Specifiers below it are the platform's own."""
_SHOWN = 50
"""How many wrong places are named at most."""


_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Route:
    """A claim: the app fills ``slot`` where the path matches ``path`` (URLPattern pathname syntax).

    ``titles`` holds the title in other languages, by language tag.
    """

    path: str
    slot: str = "main"
    access: Access = "signed-in"
    roles: tuple[str, ...] = ()
    title: str | None = None
    titles: Mapping[str, str] = field(default_factory=lambda: _NONE, hash=False)

    def title_in(self, language: str) -> str | None:
        """The title in a language, else as ``title`` has it."""
        return self.titles.get(language, self.title)


@dataclass(frozen=True, slots=True)
class MountPointEntry:
    """What an app offers to a mount point; entries are shown by ``order``, then app, then ``key``.

    ``icon`` is a file of the release. ``signed_in`` and ``roles`` (any one) say who is shown the entry. ``labels``
    holds the label in other languages, by language tag.
    """

    key: str
    label: str
    href: str
    order: int = 0
    icon: str | None = None
    signed_in: bool = False
    roles: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: _NONE, hash=False)

    def label_in(self, language: str) -> str:
        """The label in a language, else as ``label`` has it."""
        return self.labels.get(language, self.label)


@dataclass(frozen=True, slots=True)
class Share:
    """One package that an app shares with everyone: its version, and a module of the release for each specifier."""

    version: str
    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """An event of another service that the service reads: ``event`` is its type and version (``thing.changed/1``).

    ``schema`` is a file of the release: what the service understands. Without one it takes whatever there is.
    """

    teller: str
    event: str
    schema: str | None = None

    @property
    def type(self) -> str:
        """The type without its version."""
        return self.event.partition("/")[0]


@dataclass(frozen=True, slots=True)
class ServiceEvents:
    """What a service tells through the hub (each message with its schema), and what it hears there."""

    publishes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    consumes: tuple[HeardEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Bff:
    """The service behind the app: an entry point ``module:callable``, or the URL of one that runs by itself.

    ``contract`` is a file of the release: a GraphQL schema or an OpenAPI 3 document. ``uses`` says what the app uses of
    it: files with GraphQL operations, or ``GET /things/{id}``. ``version`` names the build that the app belongs with.
    ``events`` is what it tells and hears through the hub.
    """

    app: str | None = None
    url: str | None = None
    api: Literal["rest", "graphql"] = "rest"
    contract: str | None = None
    uses: tuple[str, ...] = ()
    version: str | None = None
    events: ServiceEvents = field(default_factory=ServiceEvents)


@dataclass(frozen=True, slots=True)
class AppManifest:
    """A parsed app manifest. ``document`` is the JSON object it came from, with what later versions know of."""

    name: str
    version: str
    entry: str | None = None
    styles: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    mount_points: Mapping[str, tuple[MountPointEntry, ...]] = field(default_factory=lambda: MappingProxyType({}))
    needs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shares: Mapping[str, Share] = field(default_factory=lambda: MappingProxyType({}))
    bff: Bff | None = None
    trusted_types: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    offline: Offline | None = None
    publishes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    consumes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    isolation: Isolation = "scope"
    activation: Activation = "route"
    transition: bool = False
    entry_budget_kb: int | None = None
    document: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @property
    def team(self) -> str:
        """The team: ``sales`` of ``@sales/shop``."""
        return self.name[1:].partition("/")[0]

    @property
    def app(self) -> str:
        """The short name, unique in Portico: ``shop`` of ``@sales/shop``."""
        return self.name.partition("/")[2]

    def to_json(self) -> bytes:
        """Return the document as canonical JSON."""
        return canonical_json(dict(self.document))

    @classmethod
    def parse(cls, content: bytes) -> "AppManifest":
        """Read ``app.json``; raises ``InvalidManifest`` naming every place that is wrong."""
        return cls.from_document(_decode(content))

    @classmethod
    def from_document(cls, document: Any) -> "AppManifest":
        """Check a decoded document and make it a value; raises ``InvalidManifest`` naming every wrong place."""
        _refuse(malformations(document))
        _refuse(findings_of(validator("app-manifest").iter_errors(document)))
        manifest = _build(document)
        _refuse(_meaning(manifest))
        return manifest

    @classmethod
    def from_stored(cls, document: dict[str, Any]) -> "AppManifest":
        """Read a document that was checked when its release was published; the rules of then are not asked again."""
        return _build(document)


def package_of(specifier: str) -> str:
    """Return the package that a bare specifier is of: ``react`` for ``react/client``, ``@a/b`` for ``@a/b/c``."""
    return "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])


def scope_of(specifier: str) -> str | None:
    """Return the scope of a scoped package, without its sign: ``a`` for ``@a/b``; ``None`` for another."""
    return specifier[1:].partition("/")[0] if specifier.startswith("@") else None


def _refuse(findings: Iterable[Finding]) -> None:
    """Raise ``InvalidManifest`` when there are findings, with the first of them; the rest is not looked for."""
    if found := set(islice(findings, _SHOWN)):
        raise InvalidManifest(sorted(found, key=lambda finding: (finding.pointer, finding.detail)))


def _decode(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_without_duplicates, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        raise InvalidManifest([Finding("", f"{FILE_NAME} is not UTF-8 (byte {error.start})")]) from error
    except (ValueError, RecursionError) as error:
        raise InvalidManifest([Finding("", f"{FILE_NAME} is not JSON: {error}")]) from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the member {name[:100]!r} is there twice")
        members[name] = value
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _build(document: dict[str, Any]) -> AppManifest:
    imports = document.get("imports", {})
    bff = document.get("bff")
    return AppManifest(
        name=document["name"],
        version=document["version"],
        entry=document.get("entry"),
        styles=tuple(document.get("styles", ())),
        routes=tuple(_route(route) for route in document.get("routes", ())),
        mount_points=MappingProxyType(
            {name: tuple(map(_mount_point_entry, entries)) for name, entries in document.get("mountPoints", {}).items()}
        ),
        needs=MappingProxyType(dict(imports.get("needs", {}))),
        shares=MappingProxyType(
            {
                name: Share(share["version"], MappingProxyType(dict(share["entries"])))
                for name, share in imports.get("shares", {}).items()
            }
        ),
        bff=_bff(bff) if bff else None,
        entry_budget_kb=_entry_budget(document),
        trusted_types=tuple(document.get("trustedTypes", ())),
        prefetch=tuple(document.get("prefetch", ())),
        flags=tuple(document.get("flags", ())),
        offline=offline_of(document),
        isolation=document.get("isolation", "scope"),
        activation=document.get("activation", "route"),
        transition=document.get("transition", False),
        publishes=MappingProxyType(dict(document.get("publishes", {}))),
        consumes=MappingProxyType(dict(document.get("consumes", {}))),
        document=MappingProxyType(document),
    )


def _route(route: dict[str, Any]) -> Route:
    return Route(
        path=route["path"],
        slot=route.get("slot", "main"),
        access=route.get("access", "signed-in"),
        roles=tuple(route.get("roles", ())),
        title=route.get("title"),
        titles=MappingProxyType(dict(route.get("titles", {}))),
    )


def _bff(bff: dict[str, Any]) -> Bff:
    """Read the member; releases from before ``uses`` was checked may hold a ``contract`` that is no file of theirs."""
    return Bff(
        app=bff.get("app"),
        url=bff.get("url"),
        api=bff.get("api", "rest"),
        contract=bff.get("contract"),
        uses=tuple(bff.get("uses", ())),
        version=bff.get("version"),
        events=_events(bff.get("events", {})),
    )


def _events(events: dict[str, Any]) -> ServiceEvents:
    return ServiceEvents(
        MappingProxyType(dict(events.get("publishes", {}))),
        tuple(HeardEvent(one["from"], one["event"], one.get("schema")) for one in events.get("consumes", ())),
    )


def _entry_budget(document: dict[str, Any]) -> int | None:
    budget: int | None = document.get("budget", {}).get("entryKb")
    return budget


def _mount_point_entry(entry: dict[str, Any]) -> MountPointEntry:
    return MountPointEntry(
        key=entry["key"],
        label=entry["label"],
        href=entry["href"],
        order=entry.get("order", 0),
        icon=entry.get("icon"),
        signed_in=entry.get("signedIn", False),
        roles=tuple(entry.get("roles", ())),
        labels=MappingProxyType(dict(entry.get("labels", {}))),
    )


def _meaning(manifest: AppManifest) -> Iterable[Finding]:
    """Find what a schema cannot say."""
    yield from _route_meaning(manifest)
    for name, entries in manifest.mount_points.items():
        keys: set[str] = set()
        for number, entry in enumerate(entries):
            if entry.key in keys:
                yield Finding(pointer("mountPoints", name, number, "key"), f"{entry.key!r} is there twice")
            keys.add(entry.key)
    for name, wanted in manifest.needs.items():
        try:
            check_range(wanted)
        except InvalidRange as error:
            yield Finding(pointer("imports", "needs", name), str(error))
    shared: set[str] = set()
    for name, share in manifest.shares.items():
        yield from _share_meaning(manifest, name, share)
        for specifier in shared & share.entries.keys():
            yield Finding(pointer("imports", "shares", name, "entries", specifier), f"{specifier!r} is shared twice")
        shared |= share.entries.keys()
    if manifest.bff is not None:
        yield from _bff_meaning(manifest.bff)
    if manifest.offline is not None:
        yield from offline_meaning(manifest.offline, manifest.bff.api if manifest.bff else None)


def _route_meaning(manifest: AppManifest) -> Iterable[Finding]:
    shapes: dict[tuple[str, str], int] = {}
    for number, route in enumerate(manifest.routes):
        try:
            first = shapes.setdefault((route.slot, pattern_of(route.path).shape), number)
        except InvalidPattern as error:
            yield Finding(pointer("routes", number, "path"), str(error))
        else:
            if first != number:
                yield Finding(pointer("routes", number, "path"), f"claims the same paths as route {first}")
        if (segment := route.path.removeprefix("/").partition("/")[0]) in RESERVED_PATHS:
            yield Finding(pointer("routes", number, "path"), f"'/{segment}' is the platform's own; choose another path")
        if manifest.activation == "manual" and route.slot == "main":
            detail = "what fills main follows the address; an app that is activated by hand needs another slot"
            yield Finding(pointer("routes", number, "slot"), detail)
        if route.access == "public" and route.roles:
            yield Finding(pointer("routes", number, "roles"), "a public route is for everyone; it cannot ask for roles")


def _bff_meaning(bff: Bff) -> Iterable[Finding]:
    for number, use in enumerate(bff.uses):
        if bff.api == "rest" and not is_use(use):
            yield Finding(pointer("bff", "uses", number), f"{use!r} is not a method and a path: GET /things/{{id}}")


def _share_meaning(manifest: AppManifest, name: str, share: Share) -> Iterable[Finding]:
    if name.startswith(RESERVED_SCOPE):
        yield Finding(pointer("imports", "shares", name), f"{RESERVED_SCOPE} is the platform's own")
    if name == manifest.name:
        yield Finding(pointer("imports", "shares", name), "the app's own name stands for its entry")
    for specifier in share.entries:
        if specifier != name and not specifier.startswith(f"{name}/"):
            place = pointer("imports", "shares", name, "entries", specifier)
            yield Finding(place, f"must be {name!r} or begin with {name + '/'!r}")
