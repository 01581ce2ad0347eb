"""What a conflict tells of a row: all of it, or what its type says may be shown."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bffs.kit.tests.store_world import ADA
from portico.bff.edge import as_problem
from portico.bff.entity import EntityType
from portico.bff.errors import ConflictError
from portico.bff.store import EntityStore


class Thing(msgspec.Struct, frozen=True):
    words: str
    secret: str


class ShownThing(msgspec.Struct, frozen=True):
    words: str


WHOLE = EntityType("thing", Thing)
PART = EntityType("thing", Thing, shown=lambda thing: ShownThing(thing.words))


@pytest.mark.parametrize(
    ("kind", "shown"),
    [(WHOLE, {"words": "first", "secret": "x"}), (PART, {"words": "first"})],
    ids=["all", "what is said"],
)
async def test_a_conflict_tells_what_the_type_shows(
    kind: EntityType[Thing], shown: dict[str, Any], tmp_path: Path
) -> None:
    store = await EntityStore.open(f"sqlite:///{tmp_path}/things.db", service="things")
    async with store.unit_of_work(ADA) as uow:
        await uow.put(kind, "t1", Thing("first", "x"))
        await uow.commit()
    with pytest.raises(ConflictError) as caught:
        async with store.unit_of_work(ADA) as uow:
            await uow.put(kind, "t1", Thing("second", "y"), version=7)
    await store.close()
    problem = as_problem(caught.value)
    assert problem is not None
    assert msgspec.to_builtins(problem.extensions) == {"current": {"version": 1, "entity": shown}}
