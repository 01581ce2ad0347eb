"""The ledger's BFF, as a team would write it: each command that takes effect leaves exactly one line, in order.

It refuses on demand, so that every answer a command can get comes from a real server. `create_forgetful_app` makes the
same service without its memory of keys and lanes: what tests must find wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
import strawberry
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from portico.bff import Call, EntityStore, EntityType, Parts, UnitOfWork, create_bff, new_id, require
from portico.bff.graphql import BffSchema, field, mutation
from portico.bff.rest import get, post, put
from portico.problem import Problem
from portico.sql import Migration, Statement

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

LEDGER = Migration(
    "ledger/0001",
    """
    CREATE TABLE ledger (
      position INTEGER PRIMARY KEY AUTOINCREMENT, sub TEXT NOT NULL, place TEXT NOT NULL, mark TEXT NOT NULL
    ) STRICT;
    """,
)


class NewLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line to write at a place. `refuse` is a status to answer with instead, the first `times` times or always."""

    place: Name
    mark: Name
    refuse: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Line(msgspec.Struct, frozen=True):
    """What took effect."""

    place: str
    mark: str


class Lines(msgspec.Struct, frozen=True):
    """The ledger, in the order of the commits."""

    lines: list[Line]


class Page(msgspec.Struct, frozen=True):
    """Text that people change for the version they saw."""

    id: str
    text: str


class NewText(msgspec.Struct, forbid_unknown_fields=True):
    """A page's text."""

    text: str


PAGE = EntityType("page", Page)


class Refusals:
    """How often each mark was refused already."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def check(self, line: NewLine) -> None:
        """Raise the problem that the line asks for."""
        if line.refuse is None or (line.times is not None and self._given[line.mark] >= line.times):
            return
        self._given[line.mark] += 1
        raise Problem(f"refused-{line.refuse}", status=line.refuse, detail=f"{line.mark} asked for it.")


async def write(call: Call, line: NewLine, uow: UnitOfWork) -> Line:
    """The effect of a command: one line, in the command's own transaction."""
    uow.include(
        Statement("INSERT INTO ledger (sub, place, mark) VALUES ($1, $2, $3)", (call.claims.sub, line.place, line.mark))
    )
    call.get(Refusals).check(line)
    return Line(line.place, line.mark)


async def append(call: Call, *, body: NewLine, uow: UnitOfWork) -> Line:
    """Write a line."""
    return await write(call, body, uow)


async def lines(call: Call, *, prefix: str = "", newest: int = -1) -> Lines:
    """List my lines whose mark begins with `prefix`, in the order of the commits: the `newest` so many, or all."""
    found = await call.get(EntityStore).database.read(
        "SELECT place, mark FROM ledger WHERE sub = $1 AND substr(mark, 1, length($2)) = $2"
        " ORDER BY position DESC LIMIT $3",
        (call.claims.sub, prefix, newest),
    )
    return Lines([Line(str(place), str(mark)) for place, mark in reversed(found)])


async def set_page(call: Call, page_id: Name, *, body: NewText, uow: UnitOfWork) -> Page:
    """Set a page's text, for the version in `If-Match`, or whatever it is without one."""
    page = Page(page_id, body.text)
    if call.base_version is None:
        await uow.get(PAGE, _key(call, page_id))
    await uow.put(PAGE, _key(call, page_id), page, version=call.base_version)
    return page


async def read_page(call: Call, page_id: Name) -> Page:
    """Read a page."""
    async with call.read() as uow:
        stored = await uow.get(PAGE, _key(call, page_id))
    if stored is None:
        raise Problem.not_found("There is no such page.")
    return stored.entity


def _key(call: Call, page_id: str) -> str:
    return f"{call.claims.sub}:{page_id}"


ROUTES = [
    get("/lines", lines, access=require()),
    post("/lines", append, access=require(), status=201),
    get("/pages/{page_id}", read_page, access=require(), problems=[404]),
    put("/pages/{page_id}", set_page, access=require(), problems=[412]),
]

Info = strawberry.Info[Call, None]


@strawberry.type(name="Line")
class LineType:
    place: str
    mark: str


@strawberry.type
class Query:
    @field(require())
    async def lines(self, info: Info, prefix: str = "") -> list[LineType]:
        found = await lines(info.context, prefix=prefix)
        return [LineType(place=line.place, mark=line.mark) for line in found.lines]


@strawberry.type
class Mutation:
    @mutation(require())
    async def append(
        self, info: Info, place: str, mark: str, refuse: int | None = None, times: int | None = None
    ) -> LineType:
        line = await write(info.context, NewLine(place, mark, refuse, times), info.context.uow)
        return LineType(place=line.place, mark=line.mark)


@asynccontextmanager
async def refusals(_parts: Parts) -> AsyncIterator[Refusals]:
    yield Refusals()


def create_app(settings: Mapping[str, str]) -> Starlette:
    """The ledger's BFF."""
    return create_bff(
        settings,
        routes=ROUTES,
        schema=BffSchema(query=Query, mutation=Mutation),
        migrations=[LEDGER],
        parts=[refusals],
        title="Ledger",
    )


def create_forgetful_app(settings: Mapping[str, str]) -> Starlette:
    """The same, but every request is a new command to it."""
    app = create_app(settings)
    app.add_middleware(_Forgetful)
    return app


class _Forgetful:
    """Gives every command a key that was never seen, and no place in a lane."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [(name, value) for name, value in scope["headers"] if name not in _MEMORY]
            scope = {**scope, "headers": [*kept, (b"idempotency-key", new_id().encode())]}
        await self.app(scope, receive, send)


_MEMORY = {b"idempotency-key", b"portico-lane", b"portico-lane-seq", b"portico-replaces"}
