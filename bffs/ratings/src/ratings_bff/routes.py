"""The REST API: rate a completed order; read what people say of a restaurant."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from portico.bff import Call, ConflictError, UnitOfWork, require
from portico.bff.agenda import Agenda
from portico.bff.rest import Operation, get, post
from portico.problem import Problem
from ratings_bff.counting import COUNT
from ratings_bff.model import COMPLETED, CUSTOMER, RATING, SUMMARY, Rating, Stars, Summary, Words

Limit = Annotated[int, msgspec.Meta(ge=1, le=50, description="How many at most")]
Cursor = Annotated[str, msgspec.Meta(max_length=500, description="`nextCursor` of the page before")]
OrderId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewRating(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How it was: stars, and words where there is something to say."""

    order_id: OrderId
    stars: Stars
    words: Words = ""


class Review(msgspec.Struct, frozen=True):
    """What somebody says of a restaurant."""

    id: str
    author: str
    stars: int
    words: str
    at: datetime

    @classmethod
    def of(cls, rating: Rating) -> "Review":
        """Leave out whose it is but for the name."""
        return cls(rating.id, rating.author, rating.stars, rating.words, rating.at)


class Reviews(msgspec.Struct, frozen=True, rename="camel"):
    """Where a restaurant stands (`average` in tenths of a star, null while nobody has rated), newest reviews first."""

    average: int | None
    count: int
    items: tuple[Review, ...]
    next_cursor: str | None


class OrderToRate(msgspec.Struct, frozen=True, rename="camel"):
    """Whether one may rate an order, and how one has."""

    order_id: str
    may_rate: bool
    restaurant_name: str | None = None
    rating: Review | None = None


def routes(agenda: Agenda) -> Sequence[Operation]:
    """The operations; what is rated is counted by the agenda."""

    async def rate_order(call: Call, *, body: NewRating, uow: UnitOfWork) -> Review:
        """Rate a completed order of one's own, once."""
        completed = await uow.get(COMPLETED, body.order_id)
        if completed is None:
            raise _refused("not-completed", "Only an order of yours that has arrived can be rated.")
        if await uow.get(RATING, body.order_id) is not None:
            raise _rated()
        order = completed.entity
        rating = Rating(
            id=order.id,
            restaurant_id=order.restaurant_id,
            customer=call.claims.sub,
            author=(call.claims.name or "").split(" ")[0],
            stars=body.stars,
            words=" ".join(body.words.split()),
            at=datetime.fromtimestamp(uow.now() / 1000, UTC),
        )
        try:
            await uow.put(RATING, order.id, rating, version=0)
        except ConflictError as error:
            raise _rated() from error
        agenda.plan(uow, COUNT, order.id, at=uow.now())
        return Review.of(rating)

    return (
        post("/ratings", rate_order, access=require(role=CUSTOMER), status=201, tags=["ratings"], problems=[409]),
        get("/orders/{order_id}", read_order, access=require(), tags=["ratings"]),
        get("/restaurants/{restaurant_id}", read_restaurant, access=require(), tags=["ratings"]),
    )


async def read_order(call: Call, order_id: str) -> OrderToRate:
    """Tell whether I may rate an order, or how I did. Of orders that are not mine or not completed: that I may not."""
    async with call.read() as uow:
        completed = await uow.get(COMPLETED, order_id)
        if completed is None:
            return OrderToRate(order_id, may_rate=False)
        rating = await uow.get(RATING, order_id)
    shown = Review.of(rating.entity) if rating else None
    return OrderToRate(order_id, shown is None, completed.entity.restaurant_name, shown)


async def read_restaurant(call: Call, restaurant_id: str, *, cursor: Cursor | None = None, limit: Limit = 5) -> Reviews:
    """Read what people say of a restaurant, newest first. One that nobody has rated has no average."""
    async with call.read() as uow:
        stored = await uow.get(SUMMARY, restaurant_id)
        where = {"restaurantId": restaurant_id}
        page = await uow.query(RATING, where=where, limit=limit, after=cursor, descending=True)
    summary = stored.entity if stored else Summary(restaurant_id)
    items = tuple(Review.of(one.entity) for one in page.items)
    return Reviews(summary.average, summary.count, items, page.next_cursor)


def _rated() -> Problem:
    return _refused("already-rated", "You have rated this order already.")


def _refused(code: str, why: str) -> Problem:
    return Problem(code, status=409, title="Not possible", detail=why)
