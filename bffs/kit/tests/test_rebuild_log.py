"""What operators are told of a rebuild that had to wait: what for, while it does, and nothing of that afterwards."""

from collections.abc import AsyncIterator

import pytest

from portico.bff import EntityStore
from portico.bff.rebuild_log import Building, RebuildLog


@pytest.fixture
async def log(store_url: str) -> AsyncIterator[RebuildLog]:
    store = await EntityStore.open(store_url, service="shelf")
    yield RebuildLog(store, "here")
    await store.close()


@pytest.fixture
async def waiting(log: RebuildLog) -> Building:
    """One that is being worked at, and cannot go on just now."""
    begun = await log.begin("shelf", "hub", "grace")
    assert begun is not None
    assert await log.claim() is not None
    await log.waits(begun.id, "the hub is away")
    return begun


async def told(log: RebuildLog, id_: str) -> tuple[str, str]:
    found = await log.find(id_)
    assert found is not None
    return found.state, found.error


async def ended(log: RebuildLog, id_: str) -> tuple[str, str]:
    building = await log.claim()
    assert building is not None
    await log.end(building)
    return await told(log, id_)


async def test_one_that_is_done_says_no_more_what_it_waited_for(log: RebuildLog, waiting: Building) -> None:
    """Also when nothing was left to be taken once it could go on."""
    assert await told(log, waiting.id) == ("running", "the hub is away")
    await log._store.database.write([log.swapping(waiting.id)])
    assert await ended(log, waiting.id) == ("done", "")


async def test_one_that_is_cancelled_while_it_waits_has_not_failed(log: RebuildLog, waiting: Building) -> None:
    assert await log.cancel(waiting.id)
    assert await ended(log, waiting.id) == ("cancelled", "")


async def test_one_that_has_failed_still_says_why_when_it_is_cancelled_too(log: RebuildLog, waiting: Building) -> None:
    await log.give_up(waiting.id, "ValueError: a rule")
    assert await log.cancel(waiting.id)
    assert await ended(log, waiting.id) == ("failed", "ValueError: a rule")
