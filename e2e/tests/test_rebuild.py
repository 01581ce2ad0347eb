"""An operator has a view built anew from the lake, on a platform whose hub has dropped what the view was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nats
import pytest

from e2e.chaos.orders import RESTAURANTS, Customer, Fate
from e2e.chaos.person import Person
from e2e.chaos.stores import ALL, Stores
from e2e.hub import apart
from e2e.patience import until
from e2e.stack import Stack
from portico.bff.nats_stream import STREAM
from portico.lake.config import LakeConfig
from portico.lake.query import query


class Operator:
    """Grace, who calls tracking's BFF through the gateway."""

    def __init__(self, url: str) -> None:
        self._person = Person(url, "grace").sign_in()
        self._client = self._person.client

    def begin(self) -> str:
        answer = self._client.post("/api/tracking/_rebuilds", json={"projection": "deliveries", "source": "lake"})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def show(self, rebuild: str) -> dict[str, Any]:
        answer = self._client.get(f"/api/tracking/_rebuilds/{rebuild}")
        return answer.json() if answer.is_success else {"state": "unknown"}  # it is just starting

    def build(self) -> None:
        rebuild = self.begin()
        until(lambda: self.show(rebuild)["state"] == "done", "the rebuild")

    def close(self) -> None:
        self._person.close()


@pytest.fixture
def ordered(own_stack: Stack) -> Stack:
    """A platform on which two people have ordered; the lake has it all, and the hub nothing any more."""
    for sub in ("ada", "alan"):
        customer = Customer(Person(own_stack.url, sub).sign_in())
        for restaurant in RESTAURANTS[:2]:
            customer.order(restaurant, Fate.IGNORE)
        customer.person.close()
    stores = Stores(own_stack.data_dir)
    until(lambda: seen(stores) == {"submitted": 4, "confirmed": 4}, "tracking shows the orders as paid")
    until(lambda: apart(lake_has_all(own_stack)), "the lake has what the hub has")
    apart(drop(own_stack.nats_url))
    return own_stack


def seen(stores: Stores) -> dict[str, int]:
    """How often tracking shows each step."""
    found: dict[str, int] = {}
    for delivery in stores.entities("tracking", "delivery").values():
        for step in delivery["steps"]:
            found[step["status"]] = found.get(step["status"], 0) + 1
    return found


async def lake_has_all(stack: Stack) -> bool:
    client = await nats.connect(stack.nats_url)
    messages = (await client.jetstream().stream_info(STREAM)).state.messages
    await client.close()
    return lake_rows(stack.data_dir) >= messages


def lake_rows(data_dir: Path) -> int:
    answer = query(LakeConfig.from_environment({}, data_dir).lake(), "select count(*) from events", ALL)
    return int(answer.rows[0][0])


async def drop(url: str) -> None:
    client = await nats.connect(url)
    assert await client.jetstream().purge_stream(STREAM)
    await client.close()


def test_a_view_built_from_the_lake_is_the_live_one_and_knows_nothing_of_who_was_erased(ordered: Stack) -> None:
    stores = Stores(ordered.data_dir)
    live = stores.entities("tracking", "delivery")
    assert len(live) == 4
    operator = Operator(ordered.url)
    rebuild = operator.begin()
    operator.close()
    ordered.kill()
    ordered.start()
    operator = Operator(ordered.url)
    until(lambda: operator.show(rebuild)["state"] == "done", "the rebuild after the platform was killed")
    assert stores.entities("tracking", "delivery") == live

    ordered.portico("lake", "erase", "--person", "ada", "--yes", "--data-dir", str(ordered.data_dir))
    operator.build()
    left = stores.entities("tracking", "delivery")
    assert {key: one for key, one in left.items() if one["customer"] == "alan"} == {
        key: one for key, one in live.items() if one["customer"] == "alan"
    }
    assert "ada" not in {one["customer"] for one in left.values()}
    ada = Person(ordered.url, "ada").sign_in()
    assert ada.read("tracking", "{ deliveries { nodes { id } } }") == {"deliveries": {"nodes": []}}
    ada.close()
    operator.close()
