"""A tiny BFF of counters, by REST and by GraphQL, that says what it was told of the command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import strawberry
from starlette.applications import Starlette

from portico.bff import Call, EntityType, UnitOfWork, command_id, create_bff, require
from portico.bff.graphql import BffSchema, field, mutation
from portico.bff.rest import post
from portico.problem import Problem


class Counter(msgspec.Struct):
    """Counts."""

    value: int


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """By how much."""

    by: int


class Told(msgspec.Struct):
    """What the handler knows of its command."""

    id: str
    key: str | None
    base_version: int | None
    value: int


COUNTER = EntityType("counter", Counter)


async def count(call: Call, uow: UnitOfWork, by: int) -> Told:
    if by < 0:
        raise Problem("counts-up", status=422, detail="It counts upwards.")
    if by > 1000:
        raise RuntimeError("secret of the overflow")
    stored = await uow.get(COUNTER, "c")
    value = (stored.entity.value if stored else 0) + by
    await uow.put(COUNTER, "c", Counter(value), version=call.base_version)
    return Told(command_id(call.key), call.key, call.base_version, value)


async def step(call: Call, *, body: Step, uow: UnitOfWork) -> Told:
    """Count."""
    return await count(call, uow, body.by)


Info = strawberry.Info[Call, None]


@strawberry.type
class Query:
    @field(require())
    async def value(self, info: Info) -> int:
        async with info.context.read() as uow:
            stored = await uow.get(COUNTER, "c")
        return stored.entity.value if stored else 0

    @field(require(role="owner"))
    def secret(self) -> str:
        return "salt"


@strawberry.type
class Mutation:
    @mutation(require())
    async def step(self, info: Info, by: int) -> int:
        return (await count(info.context, info.context.uow, by)).value

    @mutation(require(role="owner"))
    def reset(self) -> bool:
        return True

    @mutation(require())
    def broken(self) -> int:
        return None  # type: ignore[return-value]


SCHEMA = BffSchema(query=Query, mutation=Mutation)


def create_app(settings: Mapping[str, str], **changes: Any) -> Starlette:
    """`changes` are arguments of `create_bff`."""
    routes = [post("/steps", step, access=require(), status=201)]
    arguments: dict[str, Any] = {"routes": routes, "schema": SCHEMA, "title": "Counters"} | changes
    return create_bff(settings, **arguments)
