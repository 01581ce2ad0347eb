"""Whoever is killed while orders are under way: each order has one end, and the provider's ledger balances."""

import asyncio
from pathlib import Path

import pytest

from bffs.tests.saga_processes import AMOUNT, Site, site


async def _kill(world: Site, victim: str) -> None:
    if victim == "nats":
        await world.nats.kill()
        await world.nats.start()
    else:
        await getattr(world, victim).restart()


@pytest.mark.parametrize(
    "victim", ["fulfilment", "payments", *(pytest.param(one, marks=pytest.mark.soak) for one in ("sandbox", "nats"))]
)
async def test_killed_twice_on_the_way_every_order_has_one_end_and_the_ledger_balances(
    victim: str, tmp_path: Path, bff_settings: dict[str, str]
) -> None:
    async with site(tmp_path, bff_settings) as world:
        good, bad = world.orders[::2], world.orders[1::2]
        await asyncio.gather(world.submit(), _kill(world, victim))
        await world.until("fulfilment", "order.confirmed", world.orders)
        await asyncio.gather(
            world.answer("kitchen", "order.rejected", bad),
            world.answer("courier", "order.delivered", good),
            _kill(world, victim),
        )
        await world.until("fulfilment", "order.completed", good)
        await world.until("fulfilment", "order.cancelled", bad)
        assert world.told("fulfilment", "order.completed") == dict.fromkeys(good, 1)
        assert world.told("fulfilment", "order.cancelled") == dict.fromkeys(bad, 1)
        assert world.told("payments", "payment.succeeded") == dict.fromkeys(world.orders, 1)
        assert world.told("payments", "payment.refunded") == dict.fromkeys(bad, 1)
        charges, balance = await world.ledger()
        assert sorted(charges.values()) == [1] * len(world.orders)
        assert balance == AMOUNT * len(good)
