"""The GraphQL API: resolvers parse, dispatch and map; the rules are elsewhere, and there is no SQL."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import strawberry
from strawberry.types.field import StrawberryField

from kitchen_bff import commands, model
from kitchen_bff.answers import Task, Work
from kitchen_bff.refusals import Refusals
from kitchen_bff.task import RejectReason
from portico.bff import Call, InvalidQuery, require
from portico.bff.graphql import BffSchema, guard

MAX_DONE: Final = 50

Info = strawberry.Info[Call, Any]
Resolver = Callable[..., Awaitable[object]]


def _view(description: str) -> Callable[[Resolver], StrawberryField]:
    """Declare a query for cooks, of their own restaurant."""
    field = strawberry.field(permission_classes=[guard(require(role="cook"))], description=description)
    return cast("Callable[[Resolver], StrawberryField]", field)


def _command(description: str) -> Callable[[Resolver], StrawberryField]:
    """Declare a mutation for cooks, whose refusals are told with their code."""
    field = strawberry.mutation(
        permission_classes=[guard(require(role="cook"))], extensions=[Refusals()], description=description
    )
    return cast("Callable[[Resolver], StrawberryField]", field)


def _bounded(first: int) -> int:
    if not 1 <= first <= MAX_DONE:
        raise InvalidQuery(f"first must be between 1 and {MAX_DONE}")
    return first


@strawberry.type
class Query:
    """What a cook sees of their restaurant."""

    @_view("All of the kitchen's work, each task in one place even while it moves on; `first` as in `done`.")
    async def work(self, info: Info, first: int = 10) -> Work:
        """Read what there is to do, and what was done last."""
        async with info.context.read() as uow:
            return Work.of(await model.work(uow, _bounded(first)))

    @_view("What is to be done, oldest first: new orders and accepted ones.")
    async def queue(self, info: Info) -> list[Task]:
        """Read the queue."""
        async with info.context.read() as uow:
            return [Task.of(stored) for stored in await model.waiting(uow)]

    @_view("What is ready to go, newest first; at most 50 at once.")
    async def done(self, info: Info, first: int = 10) -> list[Task]:
        """Read what was done last."""
        async with info.context.read() as uow:
            return [Task.of(stored) for stored in await model.done(uow, _bounded(first))]


@strawberry.type
class Mutation:
    """What a cook can do. Each is one command: send an Idempotency-Key, and sending it again changes nothing."""

    @_command("Take a new order on. `version` is the one you see; if it moved on, the answer is a conflict.")
    async def accept(self, info: Info, id: strawberry.ID, version: int) -> Task:  # noqa: A002 - the argument's name
        """Accept a task."""
        return Task.of(await commands.accept(info.context.uow, id, _seen(info.context, version)))

    @_command("Have an accepted order ready to go; `version` as in `accept`.")
    async def ready(self, info: Info, id: strawberry.ID, version: int) -> Task:  # noqa: A002 - the argument's name
        """Finish a task."""
        return Task.of(await commands.finish(info.context.uow, id, _seen(info.context, version)))

    @_command("Turn a new order down, and say why; the customer gets their money back. `version` as in `accept`.")
    async def reject(self, info: Info, id: strawberry.ID, version: int, reason: RejectReason) -> Task:  # noqa: A002
        """Reject a task."""
        return Task.of(await commands.reject(info.context.uow, id, _seen(info.context, version), reason))


def _seen(call: Call, version: int) -> int:
    """Return the version that is meant: `If-Match`, where it is sent, is what the cook decided on last.

    After a conflict a cook may insist: the same command comes again, for the version that is there now.
    """
    return version if call.base_version is None else call.base_version


def create_schema() -> BffSchema:
    """Make the schema of the kitchen API."""
    return BffSchema(query=Query, mutation=Mutation)
