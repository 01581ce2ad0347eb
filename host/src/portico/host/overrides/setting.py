"""Setting the overrides of a session: what may be set, and the cookie that keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.responses import Response

from portico.host.audit.host_audit import HostAudit
from portico.host.overrides.cookie import LONGEST, OverrideCookie
from portico.host.overrides.override import MOST, Override, Overrides
from portico.host.overrides.rules import OverrideRules
from portico.host.session import Session
from portico.problem import FieldError, Problem

Check = Callable[[Session, Overrides], Awaitable[Sequence[FieldError]]]
"""What would not work with these overrides: where in them, and why. Raises a 422 problem for all of them together."""


class Setting:
    """Checks overrides and seals them, for whoever asks: a script's call, or a form that a person sent."""

    def __init__(
        self, cookie: OverrideCookie, rules: OverrideRules, *, check: Check, audit: HostAudit | None = None
    ) -> None:
        self._cookie = cookie
        self._rules = rules
        self._check = check
        self._audit = audit

    async def set(self, person: Session, apps: dict[str, Override]) -> tuple[Overrides, Callable[[Response], None]]:
        """These overrides in place of all before, and what hands them to the browser with a response.

        Raises a 422 problem with every place that is wrong; then nothing was overridden.
        """
        overrides, sealed = await self._checked(person, apps)
        if self._audit is not None:
            await self._audit.did(person, "override", "apps", ", ".join(sorted(overrides.apps)))

        def give(response: Response) -> None:
            if overrides:
                self._cookie.give(response, sealed)
            else:
                self._cookie.take(response)

        return overrides, give

    async def check(self, person: Session, apps: dict[str, Override]) -> None:
        """Raise what `set` would, and set nothing."""
        await self._checked(person, apps)

    async def _checked(self, person: Session, apps: dict[str, Override]) -> tuple[Overrides, str]:
        overrides, sealed = self._cookie.sealed(apps, person.id)
        _refuse([*self._faults(overrides), *_size_faults(sealed)])
        _refuse(await self._check(person, overrides))
        return overrides, sealed

    def _faults(self, overrides: Overrides) -> list[FieldError]:
        faults = []
        if len(overrides.apps) > MOST:
            faults.append(FieldError("/overrides", f"at most {MOST} apps can be overridden at once"))
        for name, one in overrides.apps.items():
            both = one.release is not None and one.url is not None
            neither = one.release is None and one.url is None and one.bff is None
            if both or neither:
                faults.append(FieldError(pointer(name), "say either `release` (a digest) or `url`"))
            if one.url is not None and not both and not self._rules.allows(one.url):
                faults.append(FieldError(pointer(name, "url"), self._url_fault()))
            if one.bff is not None and not self._rules.allows_bff(one.bff):
                faults.append(FieldError(pointer(name, "bff"), self._bff_fault()))
        return faults

    def _url_fault(self) -> str:
        allowed = ", ".join(sorted(self._rules.origins)) or "none"
        return f"modules are taken from PORTICO_OVERRIDE_ORIGINS alone ({allowed}), by a plain URL with a path"

    def _bff_fault(self) -> str:
        allowed = ", ".join(sorted(self._rules.bff_origins)) or "none"
        return f"calls go to PORTICO_OVERRIDE_BFF_ORIGINS alone ({allowed}); give an origin without a path"


def pointer(name: str, *members: str) -> str:
    """The JSON Pointer of an app's override in the body."""
    steps = ("overrides", name, *members)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _size_faults(sealed: str) -> list[FieldError]:
    if len(sealed) <= LONGEST:
        return []
    return [FieldError("/overrides", f"does not fit into a cookie: {len(sealed)} bytes of {LONGEST}; override fewer")]


def _refuse(faults: Sequence[FieldError]) -> None:
    if faults:
        raise Problem.invalid(faults, detail="Nothing was overridden.")
