"""The GraphQL API: resolvers parse, dispatch and map; the rules are elsewhere, and there is no SQL."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import strawberry
from strawberry.types.field import StrawberryField

from checkout_bff import commands, model
from checkout_bff.answers import Basket, Order, OrderConnection
from checkout_bff.inputs import AddToBasketInput, SubmitOrderInput
from checkout_bff.refusals import Refusals
from portico.bff import Call, EntityStore, InvalidQuery, command_id, require
from portico.bff.graphql import BffSchema, guard

MAX_PAGE = 50

Info = strawberry.Info[Call, Any]
Resolver = Callable[..., Awaitable[object]]


def _mine(description: str) -> Callable[[Resolver], StrawberryField]:
    """Declare a query of what is one's own: for everyone who is signed in."""
    field = strawberry.field(permission_classes=[guard(require())], description=description)
    return cast("Callable[[Resolver], StrawberryField]", field)


def _command(description: str) -> Callable[[Resolver], StrawberryField]:
    """Declare a mutation for everyone who is signed in, whose refusals are told with their code."""
    field = strawberry.mutation(permission_classes=[guard(require())], extensions=[Refusals()], description=description)
    return cast("Callable[[Resolver], StrawberryField]", field)


@strawberry.type
class Query:
    """What a person sees of their own."""

    @_mine("My basket, at today's prices.")
    async def basket(self, info: Info) -> Basket:
        """Read the basket."""
        async with info.context.read() as uow:
            return Basket.of(await commands.view_basket(uow, info.context.claims.sub))

    @_mine("My orders, newest first; at most 50 at once.")
    async def my_orders(self, info: Info, first: int = 10, after: str | None = None) -> OrderConnection:
        """Read a page of orders."""
        if not 1 <= first <= MAX_PAGE:
            raise InvalidQuery(f"first must be between 1 and {MAX_PAGE}")
        async with info.context.read() as uow:
            return OrderConnection.of(await model.orders(uow, first=first, after=after))

    @_mine("One of my orders; null when I have no such order.")
    async def order(self, info: Info, id: strawberry.ID) -> Order | None:  # noqa: A002 - the argument's name in the API
        """Read an order."""
        async with info.context.read() as uow:
            found = await model.order(uow, id)
        return Order.of(found) if found else None


@strawberry.type
class Mutation:
    """What a person can do. Each is one command: send an Idempotency-Key, and sending it again changes nothing."""

    @_command("Add portions of a dish.")
    async def add_to_basket(self, info: Info, input: AddToBasketInput) -> Basket:  # noqa: A002 - GraphQL convention
        """Add to the basket."""
        call = info.context
        view = await commands.add_to_basket(
            call.uow, call.claims.sub, dish_id=input.dish_id, quantity=input.quantity, fresh=input.fresh
        )
        return Basket.of(view)

    @_command("Set how many portions.")
    async def change_quantity(self, info: Info, dish_id: strawberry.ID, quantity: int) -> Basket:
        """Change a line."""
        call = info.context
        view = await commands.change_quantity(call.uow, call.claims.sub, dish_id=dish_id, quantity=quantity)
        return Basket.of(view)

    @_command("Take a dish out.")
    async def remove_from_basket(self, info: Info, dish_id: strawberry.ID) -> Basket:
        """Remove a line."""
        call = info.context
        return Basket.of(await commands.remove_from_basket(call.uow, call.claims.sub, dish_id=dish_id))

    @_command("Take everything out.")
    async def clear_basket(self, info: Info) -> Basket:
        """Empty the basket."""
        call = info.context
        return Basket.of(await commands.clear_basket(call.uow, call.claims.sub))

    @_command("Order what is in the basket; it is empty afterwards. Its id is the Idempotency-Key if that is a UUIDv7.")
    async def submit_order(self, info: Info, input: SubmitOrderInput) -> Order:  # noqa: A002 - GraphQL convention
        """Place the order."""
        call = info.context
        order_id = command_id(call.key)
        at = datetime.fromtimestamp(call.get(EntityStore).now() / 1000, UTC)
        order = await commands.submit_order(call.uow, call.claims.sub, input.wish(), order_id=order_id, at=at)
        return Order.of(order)


def create_schema() -> BffSchema:
    """Make the schema of the checkout API."""
    return BffSchema(query=Query, mutation=Mutation)
