"""The GraphQL API: resolvers parse, dispatch and map; the rules are elsewhere, and there is no SQL."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import strawberry
from strawberry.types.field import StrawberryField

from courier_bff import commands, model
from courier_bff.answers import Job, Round
from courier_bff.refusals import Refusals
from portico.bff import Call, InvalidQuery, require
from portico.bff.graphql import BffSchema, guard

MAX_DONE: Final = 50

Info = strawberry.Info[Call, Any]
Resolver = Callable[..., Awaitable[object]]


def _view(description: str) -> Callable[[Resolver], StrawberryField]:
    """Declare a query for couriers, of their own fleet."""
    field = strawberry.field(permission_classes=[guard(require(role="courier"))], description=description)
    return cast("Callable[[Resolver], StrawberryField]", field)


def _command(description: str) -> Callable[[Resolver], StrawberryField]:
    """Declare a mutation for couriers, whose refusals are told with their code."""
    field = strawberry.mutation(
        permission_classes=[guard(require(role="courier"))], extensions=[Refusals()], description=description
    )
    return cast("Callable[[Resolver], StrawberryField]", field)


@strawberry.type
class Query:
    """What a courier sees of their fleet's work, and of their own."""

    @_view("All of my work, each job in one place even while it moves on; `first` as in `delivered`.")
    async def round(self, info: Info, first: int = 10) -> Round:
        """Read what there is to do, and what was done last."""
        async with info.context.read() as uow:
            return Round.of(await model.round_of(uow, info.context.claims.sub, _bounded(first)))

    @_view("What waits at restaurants, what waits longest first.")
    async def ready(self, info: Info) -> list[Job]:
        """Read what can be picked up."""
        async with info.context.read() as uow:
            return [Job.of(stored) for stored in await model.ready(uow)]

    @_view("What I have with me.")
    async def with_me(self, info: Info) -> list[Job]:
        """Read what is to be delivered."""
        async with info.context.read() as uow:
            return [Job.of(stored) for stored in await model.with_courier(uow, info.context.claims.sub)]

    @_view("What I delivered, newest order first; at most 50 at once.")
    async def delivered(self, info: Info, first: int = 10) -> list[Job]:
        """Read what was brought last."""
        async with info.context.read() as uow:
            return [Job.of(stored) for stored in await model.delivered(uow, info.context.claims.sub, _bounded(first))]


@strawberry.type
class Mutation:
    """What a courier can do. Each is one command: send an Idempotency-Key, and sending it again changes nothing."""

    @_command("Take an order along. `version` is the one you see; if it moved on, the answer is a conflict.")
    async def pick_up(self, info: Info, id: strawberry.ID, version: int) -> Job:  # noqa: A002 - the argument's name
        """Pick a job up."""
        call = info.context
        return Job.of(await commands.pick_up(call.uow, call.claims, _wanted(call, id, version)))

    @_command("Hand an order over that I have with me; `version` as in `pickUp`.")
    async def deliver(self, info: Info, id: strawberry.ID, version: int) -> Job:  # noqa: A002 - the argument's name
        """Deliver a job."""
        call = info.context
        return Job.of(await commands.deliver(call.uow, call.claims, _wanted(call, id, version)))


def _bounded(first: int) -> int:
    if not 1 <= first <= MAX_DONE:
        raise InvalidQuery(f"first must be between 1 and {MAX_DONE}")
    return first


def _wanted(call: Call, job_id: str, version: int) -> commands.Wanted:
    """What is meant: `If-Match`, where it is sent, is the version that the courier decided on last."""
    return commands.Wanted(job_id, version if call.base_version is None else call.base_version)


def create_schema() -> BffSchema:
    """Make the schema of the courier API."""
    return BffSchema(query=Query, mutation=Mutation)
