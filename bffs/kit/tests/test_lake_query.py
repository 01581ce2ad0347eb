"""Questions in SQL: answered, bounded, and nothing else is reached by them. Over a folder and over S3."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bffs.kit.tests.lake_world import DAY_MS, NOON, LakeWorld, lake_world, row
from portico.lake.config import open_storage
from portico.lake.errors import QueryRefused, QueryTooLong
from portico.lake.query import Bounds, query


@pytest.fixture(params=["folder", "s3"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LakeWorld]:
    place = str(tmp_path / "lake") if request.param == "folder" else request.getfixturevalue("s3_place")
    async with lake_world(tmp_path, open_storage(place, plain=True)) as world:
        world.append([row(n, service=("notes", "lists")[n % 2], at=NOON + n * DAY_MS) for n in range(1, 7)])
        yield world


async def test_a_select_is_answered(world: LakeWorld) -> None:
    answer = query(world.lake, "SELECT service, count(*) AS n FROM events GROUP BY service ORDER BY service")
    assert answer.columns == ("service", "n")
    assert answer.rows == [("lists", 3), ("notes", 3)]
    assert not answer.more
    answer = query(world.lake, "SELECT max(time) FROM events WHERE time < TIMESTAMP '2026-05-31 12:00:01'")
    assert str(answer.rows[0][0]) == "2026-05-31 12:00:00"
    answer = query(world.lake, "SELECT data->>'id' FROM events WHERE day = DATE '2026-05-30'")
    assert answer.rows == [("n2",)]


async def test_the_answer_is_cut_at_its_bound(world: LakeWorld) -> None:
    answer = query(world.lake, "SELECT id FROM events ORDER BY position", Bounds(rows=2))
    assert len(answer.rows) == 2
    assert answer.more


async def test_a_query_that_never_ends_is_ended(world: LakeWorld) -> None:
    for seconds in (0.05, 0):  # 0: it is over before the query begins
        with pytest.raises(QueryTooLong):
            query(world.lake, "SELECT count(*) FROM range(1000000000000) a", Bounds(seconds=seconds))
    with pytest.raises(QueryTooLong):
        query(world.lake, "SELECT list(a) FROM range(100000000) t(a)", Bounds(memory="20MB"))


@pytest.mark.parametrize(
    "sql",
    [
        "DROP VIEW events",
        "COPY events TO 'out.csv'",
        "SELECT 1; SELECT 2",
        "",
        "SELECT nothing FROM events",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SET memory_limit = '100GB'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "SELECT getenv('HOME') FROM read_csv('https://example.org/x.csv')",
    ],
)
async def test_nothing_but_a_select_over_the_lake(world: LakeWorld, sql: str) -> None:
    with pytest.raises(QueryRefused):
        query(world.lake, sql)


async def test_a_file_of_the_lake_itself_cannot_be_written(tmp_path: Path) -> None:
    async with lake_world(tmp_path) as world:
        world.append([row(1)])
        (name,) = world.lake.snapshot.files
        before = world.storage.get(name)
        with pytest.raises(QueryRefused):
            query(world.lake, f"COPY (SELECT 1) TO '{world.storage.root}/{name}'")
        assert world.storage.get(name) == before


async def test_an_empty_lake_answers_with_nothing(tmp_path: Path) -> None:
    async with lake_world(tmp_path) as world:
        assert query(world.lake, "SELECT day, service, data->>'id' FROM events WHERE time > now()").rows == []
