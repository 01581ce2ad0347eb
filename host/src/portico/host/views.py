"""What one request sees of the live channel: its person's or browser's side of every rollout, and a developer's own."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from weakref import WeakKeyDictionary

from portico.host.overrides import Override, OverrideCookie, OverrideRules, Overrides
from portico.host.overrides.override import NONE
from portico.host.overrides.setting import pointer
from portico.host.session import RawHeaders
from portico.host.visitors import VisitorCookie, browser_key, new_visitor, person_key
from portico.manifest import Release, Snapshot, UnknownApp, UnknownRelease
from portico.problem import FieldError

_SHOWN_DIGEST = 8


class Person(Protocol):
    """Who is signed in; a session is one."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def sub(self) -> str: ...  # noqa: D102
    @property
    def roles(self) -> tuple[str, ...]: ...  # noqa: D102


class State(Protocol):
    """One revision of the channel, with all its releases."""

    @property
    def is_split(self) -> bool: ...  # noqa: D102
    def select(self, visitor: str | None = None) -> Snapshot: ...  # noqa: D102


class Live(Protocol):
    """The live channel, of the manifest."""

    async def state(self) -> State: ...  # noqa: D102
    async def snapshot(  # noqa: D102
        self, *, visitor: str | None = None, overrides: Mapping[str, str] | None = None
    ) -> Snapshot: ...
    async def release(self, app: str, digest: str) -> Release: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class OwnVersion:
    """What a page says of one override: the app's full name, and a version, a digest or a URL."""

    name: str
    version: str
    applies: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """One release per app. `urls` are entries loaded from elsewhere, by the app's short name; those in `unstyled` bring
    their style sheets themselves. `own` is what the page says of overrides. `developer` says that the page is
    one's who may override. `cookie` is the `Set-Cookie` header that
    makes the next request see the same.
    """

    snapshot: Snapshot
    urls: Mapping[str, str] = field(default_factory=dict)
    unstyled: frozenset[str] = frozenset()
    own: tuple[OwnVersion, ...] = ()
    developer: bool = False
    cookie: str | None = None


class Views:
    """Decides for each request. `check` says what is wrong with a selection as a whole, in sentences."""

    def __init__(
        self,
        live: Live,
        *,
        visitors: VisitorCookie,
        overrides: OverrideCookie,
        rules: OverrideRules,
        check: Callable[[Snapshot], Sequence[str]],
    ) -> None:
        self._live = live
        self._visitors = visitors
        self._overrides = overrides
        self._rules = rules
        self._check = check
        self._known: WeakKeyDictionary[Snapshot, Sequence[str]] = WeakKeyDictionary()

    async def page(self, headers: RawHeaders, person: Person | None) -> View:
        """What a page shows: with the overrides of its session."""
        view = await self.kept(headers, person)
        if person is None or not self._rules.may_override(person):
            return view
        view = replace(view, developer=True)
        if not (overrides := self._of(headers, person)):
            return view
        return await self._overridden(view, person, overrides)

    async def kept(self, headers: RawHeaders, person: Person | None) -> View:
        """What a device keeps: the person's side, without overrides."""
        state = await self._live.state()
        if person is not None:
            return View(state.select(person_key(person)))
        if not state.is_split:
            return View(state.select())
        known = self._visitors.read(headers)
        visitor = known or new_visitor()
        cookie = None if known else self._visitors.header(visitor)
        return View(state.select(browser_key(visitor)), cookie=cookie)

    async def call(self, headers: RawHeaders, person: Person) -> Snapshot:
        """What a call of the API is answered from: the same side as the person's page, overrides included."""
        state = await self._live.state()
        snapshot = state.select(person_key(person)) if state.is_split else state.select()
        if not (overrides := self._of(headers, person)):
            return snapshot
        return (await self._overridden(View(snapshot), person, overrides)).snapshot

    def own_bff(self, headers: RawHeaders, person: Person, app: str) -> str | None:
        """The origin that this session's calls of the app's API go to, where its developer runs the BFF."""
        return self._of(headers, person).bffs.get(app)

    async def faults(self, person: Person, overrides: Overrides) -> Sequence[FieldError]:
        """What would not work with these overrides, for this person, now."""
        base = (await self._live.state()).select(person_key(person))
        faults = [
            FieldError(pointer(name, _member(one)), fault)
            for name, one in overrides.apps.items()
            if (fault := await self._fault(base, name, one)) is not None
        ]
        if faults or not overrides.releases:
            return faults
        shown = await self._live.snapshot(visitor=person_key(person), overrides=overrides.releases)
        return [FieldError("/overrides", f"does not fit what is live: {fault}") for fault in await self._misfits(shown)]

    async def _misfits(self, snapshot: Snapshot) -> Sequence[str]:
        """Why a selection does not work as a whole; asked once for each, off the event loop."""
        known = self._known.get(snapshot)
        if known is None:
            known = self._known[snapshot] = await to_thread(self._check, snapshot)
        return known

    def _of(self, headers: RawHeaders, person: Person) -> Overrides:
        overrides = self._overrides.read(headers, person.id)
        return self._rules.applicable(overrides, person) if overrides else NONE

    async def _overridden(self, view: View, person: Person, overrides: Overrides) -> View:
        snapshot, fits = view.snapshot, True
        if overrides.releases:
            wanted = await self._live.snapshot(visitor=person_key(person), overrides=overrides.releases)
            # They fitted when they were set. What is live may have moved on since, and goes first.
            fits = not await self._misfits(wanted)
            snapshot = wanted if fits else view.snapshot
        urls = {app: url for app, url in overrides.urls.items() if _has_entry(snapshot, app)}
        own = tuple(_own(snapshot, name, one, fits) for name, one in sorted(overrides.apps.items()))
        return replace(view, snapshot=snapshot, urls=urls, unstyled=overrides.unstyled & urls.keys(), own=own)

    async def _fault(self, base: Snapshot, name: str, one: Override) -> str | None:
        """Why one override cannot be: there is no such app or release."""
        app = name.partition("/")[2]
        if one.release is None:
            return _url_fault(base.release(app), name, one)
        try:
            release = await self._live.release(app, one.release)
        except (UnknownApp, UnknownRelease):
            return f"{name} has no release {one.release[:80]!r}; give the whole digest (see `portico releases {app}`)"
        return None if release.name == name else f"this release is of {release.name}"


def _member(one: Override) -> str:
    return "url" if one.url is not None else "release" if one.release is not None else "bff"


def _url_fault(live: Release | None, name: str, one: Override) -> str | None:
    """Why a module or a BFF cannot take the place of the live release's."""
    if live is None or live.name != name:
        return f"no app {name} is live; deploy it once, then your own version can take its place"
    if one.url is not None and live.manifest.entry is None:
        return f"no app {name} with an entry is live; only what is live can come from a URL"
    if one.bff is not None and live.manifest.bff is None:
        return f"the live release of {name} has no BFF; deploy one that has, then your own can take its place"
    return None


def _own(snapshot: Snapshot, name: str, one: Override, fits: bool) -> OwnVersion:
    app = name.partition("/")[2]
    if one.url is not None:
        return OwnVersion(name, one.url, _has_entry(snapshot, app))
    if one.release is None:
        return OwnVersion(name, f"BFF at {one.bff}", snapshot.release(app) is not None)
    digest = (one.release or "")[:_SHOWN_DIGEST]
    release = snapshot.release(app)
    return OwnVersion(name, f"{release.version} ({digest})" if fits and release else digest, fits)


def _has_entry(snapshot: Snapshot, app: str) -> bool:
    release = snapshot.release(app)
    return release is not None and release.manifest.entry is not None
