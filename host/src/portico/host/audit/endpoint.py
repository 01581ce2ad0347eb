"""`GET /auth/audit`: the host's audit for auditors, in the shape that every BFF's has; and where there are more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.audit import Entry, Outcome, Wanted
from portico.host.audit.host_audit import HostAudit
from portico.host.gateway.guard import check_same_origin
from portico.host.gateway.refusals import signed_out
from portico.host.session import RawHeaders, Session
from portico.problem import FieldError, Problem, field_error

PATH: Final = "/auth/audit"
PLACES_PATH: Final = f"{PATH}/places"

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    actor: Text | None = None
    kind: Text | None = None
    entity: Text | None = None
    action: Text | None = None
    outcome: Outcome | None = None
    since: Moment | None = None
    until: Moment | None = None
    cursor: Text | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class AuditEndpoint:
    """Reads for people with `role`; those of a tenant see that tenant's entries alone.

    `apps` gives the apps that have a BFF, which may have audits of their own.
    """

    def __init__(
        self,
        audit: HostAudit,
        *,
        role: str,
        base_url: str,
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        apps: Callable[[], Awaitable[Iterable[str]]],
    ) -> None:
        self._audit = audit
        self._role = role
        self._base_url = base_url
        self._identify = identify
        self._apps = apps

    @property
    def routes(self) -> list[Route]:
        """For the host's router."""
        return [Route(PATH, self.read, methods=["GET"]), Route(PLACES_PATH, self.places, methods=["GET"])]

    async def read(self, request: Request) -> Response:
        """A page of entries, newest first; that it was read is in the audit as well. Raises 401, 403 and 422."""
        auditor = await self._auditor(request)
        asked = _asked(request)
        wanted = Wanted(
            actor=asked.actor,
            kind=asked.kind,
            entity=asked.entity,
            action=asked.action,
            outcome=asked.outcome,
            since=asked.since,
            until=asked.until,
            tenant=auditor.tenant,
        )
        page = await self._audit.trail.find(wanted, limit=asked.limit, cursor=asked.cursor)
        # Written before it is answered, and not only tried: what nobody recorded nobody has seen.
        await self._audit.trail.add(_read(self._audit.now(), auditor, wanted.words()))
        return _json(page)

    async def places(self, request: Request) -> Response:
        """Where to ask: `{"places": [{"name": "host", "url": "/auth/audit"}, {"name": "shop", ...}]}`."""
        await self._auditor(request)
        found = [{"name": "host", "url": PATH}]
        found += [{"name": app, "url": f"/api/{app}/audit"} for app in sorted(await self._apps())]
        return _json({"places": found})

    async def _auditor(self, request: Request) -> Session:
        headers = request.scope["headers"]
        check_same_origin(request.method, headers, self._base_url)
        person = await self._identify(headers)
        if person is None:
            raise signed_out()
        if self._role not in person.roles:
            await self._audit.refused(person, "read", request.url.path, f"role-required: {self._role}")
            raise Problem(
                "role-required",
                status=403,
                title="Not allowed",
                detail=f"This needs the role {self._role!r}.",
                extensions={"role": self._role},
            )
        return person


def _asked(request: Request) -> _Asked:
    given = request.query_params
    _refuse(
        FieldError(f"query:{name}", "This is given more than once") for name in given if len(given.getlist(name)) > 1
    )
    names = _Asked.__struct_fields__
    _refuse(FieldError(f"query:{name}", "There is no such parameter") for name in given if name not in names)
    values: Mapping[str, str] = dict(given)
    try:
        return msgspec.convert(values, _Asked, strict=False)
    except msgspec.ValidationError as error:
        found = field_error(error)
        raise Problem.invalid([FieldError(f"query:{found.pointer.lstrip('/')}", found.detail)]) from error


def _refuse(faults: Iterable[FieldError]) -> None:
    if found := list(faults):
        raise Problem.invalid(found)


def _read(at: int, auditor: Session, words: str) -> Entry:
    return Entry(
        at=at, actor=auditor.sub, action="read", outcome="allowed", kind="audit", key=words, tenant=auditor.tenant
    )


def _json(value: object) -> Response:
    return Response(
        msgspec.json.encode(value),
        headers={"Cache-Control": "no-store", "Vary": "Cookie"},
        media_type="application/json",
    )
