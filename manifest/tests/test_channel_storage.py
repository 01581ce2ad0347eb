"""How channels are kept: a write costs what it changes, and what older versions wrote is read as it was."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from manifest.tests.manifest_world import NOON
from portico.manifest import Authorship, ChannelRevision, External, RevisionConflict
from portico.manifest.answers import Answer, KeptAnswer, RequestKey
from portico.manifest.channel import entries_document
from portico.manifest.sql_schema import MIGRATIONS
from portico.manifest.sql_store import SqlManifestStore
from portico.sql import Database, Statement, open_database

BY = Authorship("ada", NOON, "because")
EMPTY = ChannelRevision.empty("live")
LIB = External("https://cdn.test/lib.js", "sha384-abc")


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/manifest.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = await open_database(url, migrations=MIGRATIONS)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> SqlManifestStore:
    return SqlManifestStore(database)


def grown(count: int) -> list[ChannelRevision]:
    """A channel's first revisions: an app in each."""
    revisions = [EMPTY]
    for number in range(count):
        revisions.append(revisions[-1].promote(f"app{number:03}", f"d{number}", BY))
    return revisions


async def rows(database: Database) -> int:
    counts = [
        await database.read(f"SELECT COUNT(*) FROM {table}") for table in ("channel_revisions", "channel_changes")
    ]
    return sum(int(str(found[0][0])) for found in counts)


async def test_every_revision_is_read_as_it_was_written(store: SqlManifestStore) -> None:
    first = EMPTY.promote("shop", "d1", BY).promote("account", "d2", BY)
    split = first.promote("shop", "d3", BY, 20)
    outside = split.with_externals(
        {"lib": LIB}, BY, scopes={"/x/": {"lib": "/y.js"}}, extra={"x-note": [1, {"a": None}]}
    )
    gone = outside.with_externals({"lib": None}, BY, scopes={"/x/": None}, extra={"x-note": None})
    back = gone.rollback(outside, BY)
    history = [EMPTY.promote("shop", "d1", BY), first, split, outside, gone, back]
    await store.append(EMPTY, history[:2])
    await store.append(first, history[2:])
    assert [await store.revision("live", number) for number in range(7)] == [EMPTY, *history]
    assert list(await store.history("live", before=None, limit=50)) == history[::-1]
    assert list(await store.history("live", before=5, limit=2)) == [outside, split]
    assert await store.latest(EMPTY) == await store.latest(split) == await store.latest(back) == back
    assert await store.latest(ChannelRevision.empty("next")) == ChannelRevision.empty("next")
    assert (await store.head("live"), await store.head("next")) == (6, 0)


async def test_a_write_costs_what_it_changes_whatever_the_channel_holds(
    store: SqlManifestStore, database: Database
) -> None:
    revisions = grown(300)
    await store.append(EMPTY, revisions[1:])  # also more rows than one statement takes
    before = await rows(database)
    await store.append(revisions[-1], [revisions[-1].promote("app007", "another", BY)])
    assert await rows(database) == before + 2  # the revision, and the one app that it changes
    assert len((await store.revision("live", 301)).entries) == 300


async def test_of_two_who_append_to_one_revision_one_is_told_so(store: SqlManifestStore, database: Database) -> None:
    first = EMPTY.promote("shop", "d1", BY)
    await store.append(EMPTY, [first, first.promote("shop", "d2", BY)])
    before = await rows(database)
    late = EMPTY.promote("account", "d9", BY)
    with pytest.raises(RevisionConflict) as conflict:
        await store.append(EMPTY, [late, late.promote("account", "d8", BY), late.promote("account", "d7", BY)])
    assert conflict.value.current == 2
    assert await rows(database) == before


async def test_an_answer_is_kept_with_its_change_or_neither_is(store: SqlManifestStore, database: Database) -> None:
    key = RequestKey("token", "k-1", "digest")
    answer = KeptAnswer(key, Answer(200, {}, b"1"), NOON)
    first = EMPTY.promote("shop", "d1", BY)
    await store.append(EMPTY, [first], [answer])
    assert await store.answer(key) == answer
    before = await rows(database)
    with pytest.raises(RevisionConflict):
        await store.append(first, [first.promote("shop", "d2", BY)], [answer])
    assert await rows(database) == before
    with pytest.raises(RevisionConflict):
        await store.append(EMPTY, [first], [KeptAnswer(RequestKey("token", "k-2", "digest"), answer.answer, NOON)])
    assert await store.answer(RequestKey("token", "k-2", "digest")) is None


async def older(database: Database, revision: ChannelRevision) -> None:
    """Write a revision as versions before did: whole."""
    columns = "channel, number, parent, who, at, why, entries"
    sql = f"INSERT INTO channel_revisions ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    entries: dict[str, Any] = entries_document(revision.entries)
    at = int(NOON.timestamp() * 1000)
    params = ("live", revision.number, revision.number - 1, revision.who, at, revision.why, json.dumps(entries))
    await database.write([Statement(sql, params)])


async def test_a_channel_from_before_is_read_and_goes_on(store: SqlManifestStore, database: Database) -> None:
    first = EMPTY.promote("shop", "d1", BY)
    second = first.promote("account", "d2", BY)
    third = second.retire("shop", BY)
    for revision in (first, second, third):
        await older(database, revision)
    fourth = third.promote("account", "d3", BY).with_externals({"lib": LIB}, BY)
    newer = [third.promote("account", "d3", BY), fourth, fourth.rollback(second, BY)]
    await store.append(third, newer)
    whole = [EMPTY, first, second, third, *newer]
    assert [await store.revision("live", number) for number in range(7)] == whole
    assert list(await store.history("live", before=None, limit=50)) == whole[:0:-1]
    assert await store.latest(first) == await store.latest(fourth) == whole[-1]
    assert [change.name for change in whole[-1].diff(fourth)] == ["account", "shop", "lib"]


async def test_an_older_and_a_newer_version_take_turns_while_one_replaces_the_other(
    store: SqlManifestStore, database: Database
) -> None:
    """The older one's whole channel counts for what the newer one changed before it, too."""
    first = EMPTY.promote("shop", "d1", BY).promote("account", "d2", BY)
    second = first.promote("shop", "d3", BY)
    third = second.retire("account", BY)
    fourth = third.promote("shop", "d1", BY)
    await store.append(EMPTY, [EMPTY.promote("shop", "d1", BY), first])
    await older(database, second)
    await older(database, third)
    await store.append(third, [fourth])
    assert [await store.revision("live", number) for number in (2, 3, 4, 5)] == [first, second, third, fourth]
    assert list(await store.history("live", before=None, limit=3)) == [fourth, third, second]
    assert await store.latest(first) == fourth
