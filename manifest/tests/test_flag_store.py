"""The store of flags, the same over SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from manifest.tests.manifest_world import NOON
from portico.manifest.flags.errors import FlagConflict
from portico.manifest.flags.flag import Flag, FlagRevision
from portico.manifest.flags.sql_flag_store import SqlFlagStore
from portico.manifest.sql_schema import MIGRATIONS
from portico.sql import open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/flags.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[SqlFlagStore]:
    database = await open_database(url, migrations=MIGRATIONS)
    yield SqlFlagStore(database)
    await database.close()


def revision(number: int, key: str = "banner", *, team: str = "sales", deleted: bool = False) -> FlagRevision:
    flag = None if deleted else Flag(key, team, {"on": number, "ünï <": 1.5}, "on", description="Größe")
    return FlagRevision(key, team, number, "ada", NOON, f"change {number}", flag)


async def test_what_is_kept_is_read_again(store: SqlFlagStore) -> None:
    assert await store.latest("banner") is None
    assert await store.flags() == []
    await store.append(revision(1))
    await store.append(revision(2))
    assert await store.latest("banner") == revision(2)
    assert await store.flags() == [revision(2).flag]
    assert await store.history("banner", before=None, limit=5) == [revision(2), revision(1)]
    assert await store.history("banner", before=2, limit=5) == [revision(1)]
    assert await store.history("other", before=None, limit=5) == []


async def test_a_deleted_flag_keeps_its_history_and_goes_on_counting(store: SqlFlagStore) -> None:
    await store.append(revision(1))
    await store.append(revision(2, deleted=True))
    assert await store.flags() == []
    assert await store.page(team=None, after="", limit=5) == []
    assert await store.latest("banner") == revision(2, deleted=True)
    await store.append(revision(3))
    assert [one.number for one in await store.history("banner", before=None, limit=5)] == [3, 2, 1]


async def test_a_number_is_taken_once_and_a_loser_changes_nothing(store: SqlFlagStore) -> None:
    await store.append(revision(1))
    for number in (1, 3):
        with pytest.raises(FlagConflict) as caught:
            await store.append(revision(number))
        assert caught.value.current == 1
    assert await store.changes() == 1
    assert await store.history("banner", before=None, limit=5) == [revision(1)]


async def test_of_many_at_once_one_wins_each_time(store: SqlFlagStore) -> None:
    """Sixteen writers of one flag, and sixteen of other flags: nothing is lost, and every change is counted."""
    rivals = [store.append(revision(1)) for _ in range(16)]
    others = [store.append(revision(1, f"flag-{number}")) for number in range(16)]
    outcomes = await asyncio.gather(*rivals, *others, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes[:16]) == 1
    assert all(isinstance(outcome, FlagConflict | None) for outcome in outcomes[:16])
    assert outcomes[16:] == [None] * 16
    assert await store.changes() == 17
    assert len(await store.flags()) == 17


async def test_a_page_is_by_key_and_by_team(store: SqlFlagStore) -> None:
    for key, team in (("b", "sales"), ("a", "base"), ("c", "base")):
        await store.append(revision(1, key, team=team))
    assert [one.key for one in await store.page(team=None, after="", limit=2)] == ["a", "b"]
    assert [one.key for one in await store.page(team=None, after="b", limit=2)] == ["c"]
    assert [one.key for one in await store.page(team="base", after="", limit=5)] == ["a", "c"]


async def test_two_openings_of_one_database_see_the_same(store: SqlFlagStore, url: str) -> None:
    database = await open_database(url, migrations=MIGRATIONS)
    other = SqlFlagStore(database)
    await store.append(revision(1))
    assert await other.changes() == 1
    await other.append(revision(2))
    assert await store.changes() == 2
    assert await store.flags() == [revision(2).flag]
    await database.close()
