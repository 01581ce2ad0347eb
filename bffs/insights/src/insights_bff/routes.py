"""The REST API: a cook sees their own restaurant, an operator all of them."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from insights_bff.model import EVERYWHERE, PLACE, Place
from insights_bff.report import Report, report
from portico.bff import BffSettings, Call, EntityStore, UnitOfWork, require
from portico.bff.rest import Operation, get
from portico.problem import Problem

COOK: Final = "cook"

Days = Annotated[int, msgspec.Meta(ge=1, le=92, description="How many days, up to today")]
RestaurantId = Annotated[str, msgspec.Meta(min_length=1, max_length=63, description="Without: what one may see of all")]


class Places(msgspec.Struct, frozen=True):
    """The restaurants that one may look at; `all` says whether they can be seen together."""

    items: tuple[Place, ...]
    all: bool


async def list_restaurants(call: Call) -> Places:
    """List the restaurants that I may look at, by name."""
    found: list[Place] = []
    cursor: str | None = None
    async with _reading(call) as uow:
        while True:
            page = await uow.query(PLACE, limit=200, after=cursor)
            found.extend(stored.entity for stored in page.items)
            if (cursor := page.next_cursor) is None:
                break
    return Places(tuple(sorted(found, key=lambda place: (place.name, place.id))), _sees_all(call))


async def read_report(call: Call, *, restaurant: RestaurantId | None = None, days: Days = 30) -> Report:
    """Read how a restaurant has done; without one, how my own has, or for operators all together."""
    wanted = restaurant or (EVERYWHERE if _sees_all(call) else call.claims.tenant or "")
    today = datetime.fromtimestamp(call.get(EntityStore).now() / 1000, UTC).date()
    async with _reading(call) as uow:
        if restaurant is not None and await uow.get(PLACE, restaurant) is None:
            raise Problem.not_found("There is no such restaurant, or it is not yours.")
        return await report(uow, wanted, last=today, days=days)


def _reading(call: Call) -> AbstractAsyncContextManager[UnitOfWork]:
    """What the caller reaches: operators everything, cooks what is their restaurant's. Raises the 403 Problem."""
    if _sees_all(call):
        return call.get(EntityStore).system_unit_of_work("insights for an operator")
    if not call.claims.has_role(COOK) or call.claims.tenant in {None, EVERYWHERE}:
        raise Problem.of_status(403, "This is for cooks, of their own restaurant, and for operators.")
    return call.read()


def _sees_all(call: Call) -> bool:
    return call.claims.has_role(call.get(BffSettings).operator_role)


ROUTES: Final[tuple[Operation, ...]] = (
    get("/restaurants", list_restaurants, access=require(), tags=["insights"], problems=[403]),
    get("/report", read_report, access=require(), tags=["insights"], problems=[403, 404]),
)
