"""The SQLite database: atomic groups, group commit, reads, closing."""

import asyncio
import contextlib
import resource
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.store_world import eventually
from portico.bff.ids import new_id
from portico.sql import (
    ConstraintViolation,
    Database,
    ExpectationFailed,
    Migration,
    SqliteDatabase,
    Statement,
    StatementError,
    StoreUnavailable,
    UniqueViolation,
    UnsupportedUrl,
    open_database,
)

SCHEMA = Migration(
    "0001",
    """
    CREATE TABLE item (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, shelf TEXT, weight INTEGER CHECK (weight > 0), UNIQUE (name, shelf)
    );
    CREATE UNIQUE INDEX item_lower ON item (lower(name));
    CREATE TABLE part (
      id INTEGER PRIMARY KEY,
      item INTEGER NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
      must INTEGER REFERENCES item (id)
    );
    """,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "test.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(path, migrations=[SCHEMA])
    yield database
    await database.close()


def add(id_: int, name: str, shelf: str | None = None, weight: int = 1) -> Statement:
    sql = "INSERT INTO item (id, name, shelf, weight) VALUES ($1, $2, $3, $4)"
    return Statement(sql, (id_, name, shelf, weight))


async def names(database: Database) -> list[object]:
    return [row[0] for row in await database.read("SELECT name FROM item ORDER BY id")]


async def test_a_written_group_is_read_back_with_its_types(database: SqliteDatabase) -> None:
    await database.write([add(1, "a", None, 7)])
    assert await database.read("SELECT id, name, shelf, weight, $1, $2 FROM item", (b"\x00", 1.5)) == [
        (1, "a", None, 7, b"\x00", 1.5)
    ]


async def test_write_returns_the_rows_of_each_statement(database: SqliteDatabase) -> None:
    returning = Statement("UPDATE item SET weight = weight + 1 RETURNING id, weight")
    assert await database.write([add(1, "a"), returning, add(2, "b")]) == [[], [(1, 2)], []]


async def test_an_empty_group_is_nothing(database: SqliteDatabase) -> None:
    assert await database.write([]) == []


async def test_a_failing_statement_undoes_its_whole_group(database: SqliteDatabase) -> None:
    with pytest.raises(UniqueViolation):
        await database.write([add(1, "a", "x"), add(2, "b", "x"), add(3, "a", "x")])
    assert await names(database) == []


async def test_a_bad_group_fails_alone_among_good_ones_of_the_same_commit(database: SqliteDatabase) -> None:
    groups = [[add(n, f"n{n}")] for n in range(20)]
    groups[7] = [add(7, "n7"), add(7, "again")]
    groups[11] = [Statement("INSERT INTO nowhere VALUES (1)")]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [7, 11]
    assert isinstance(answers[7], UniqueViolation)
    assert isinstance(answers[11], StatementError)
    assert await names(database) == [f"n{n}" for n in range(20) if n not in {7, 11}]


async def test_a_group_that_ends_the_whole_transaction_takes_no_other_with_it(database: SqliteDatabase) -> None:
    await database.write([add(100, "taken")])
    groups = [[add(n, f"n{n}")] for n in range(9)]
    groups[4] = [Statement("INSERT OR ROLLBACK INTO item (id, name) VALUES (100, 'b')")]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [UniqueViolation]
    assert await names(database) == [*(f"n{n}" for n in range(9) if n != 4), "taken"]


async def test_a_deferred_constraint_that_fails_the_commit_is_blamed_on_its_group_alone(
    database: SqliteDatabase,
) -> None:
    groups = [[add(n, f"n{n}")] for n in range(5)]
    groups[2] = [Statement("INSERT INTO part (item) VALUES (999)")]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    refused = answers[2]
    assert isinstance(refused, ConstraintViolation)
    assert refused.kind == "foreign-key"
    assert await names(database) == ["n0", "n1", "n3", "n4"]
    assert await database.read("SELECT count(*) FROM part") == [(0,)]


async def test_unique_violations_name_table_and_columns(database: SqliteDatabase) -> None:
    await database.write([add(1, "a", "x")])
    with pytest.raises(UniqueViolation) as by_columns:
        await database.write([Statement("INSERT INTO item (id, name, shelf) VALUES (2, 'a', 'x')")])
    with pytest.raises(UniqueViolation) as by_key:
        await database.write([add(1, "b")])
    with pytest.raises(UniqueViolation) as by_expression:
        await database.write([add(2, "A")])
    assert (by_columns.value.table, by_columns.value.columns) in {("item", ("name", "shelf")), ("", ())}
    assert (by_key.value.table, by_key.value.columns) == ("item", ("id",))
    assert (by_expression.value.table, by_expression.value.columns) == ("", ())


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("INSERT INTO item (name, weight) VALUES ('a', -1)", "check"),
        ("INSERT INTO item (name) VALUES (NULL)", "not-null"),
        ("INSERT INTO part (item, must) VALUES (1, 999)", "foreign-key"),
    ],
)
async def test_other_constraints_say_which_kind(database: SqliteDatabase, sql: str, kind: str) -> None:
    await database.write([add(1, "first")])
    with pytest.raises(ConstraintViolation) as caught:
        await database.write([Statement(sql)])
    assert (caught.value.kind, caught.value.code) == (kind, "constraint-violation")


async def test_an_expectation_is_compare_and_set(database: SqliteDatabase) -> None:
    await database.write([add(1, "a")])
    change = Statement("UPDATE item SET weight = weight + 1 WHERE id = $1 AND weight = $2", (1, 1), expect=1)
    await database.write([change])
    with pytest.raises(ExpectationFailed) as caught:
        await database.write([add(2, "b"), change])
    assert (caught.value.index, caught.value.expected, caught.value.actual) == (1, 1, 0)
    assert await names(database) == ["a"]


async def test_an_expectation_of_a_statement_with_rows_counts_the_rows(database: SqliteDatabase) -> None:
    await database.write([add(1, "a"), add(2, "b")])
    await database.write([Statement("SELECT id FROM item", expect=2)])
    with pytest.raises(ExpectationFailed):
        await database.write([Statement("DELETE FROM item WHERE id = 1 RETURNING id", expect=0)])
    assert await names(database) == ["a", "b"]


async def test_changes_of_an_earlier_statement_are_not_counted_again(database: SqliteDatabase) -> None:
    await database.write([add(1, "a"), Statement("UPDATE item SET weight = 5 WHERE id = 77", expect=0)])
    assert await names(database) == ["a"]


@pytest.mark.parametrize("value", [2**63, object()])
async def test_a_value_that_sql_cannot_hold_fails_its_own_group(database: SqliteDatabase, value: int) -> None:
    good, bad = await asyncio.gather(
        database.write([add(1, "a")]),
        database.write([Statement("INSERT INTO item (name, weight) VALUES ('b', $1)", (value,))]),
        return_exceptions=True,
    )
    assert good == [[]]
    assert isinstance(bad, StatementError)


async def test_reads_refuse_bad_sql_and_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(StatementError, match="no such table"):
        await database.read("SELECT * FROM nowhere")
    with pytest.raises(StatementError, match="read"):
        await database.read("INSERT INTO item (name) VALUES ('sneaky') RETURNING id")
    assert await names(database) == []


async def test_every_acknowledged_write_is_seen_by_the_next_read(database: SqliteDatabase) -> None:
    async def write_then_read(n: int) -> None:
        await database.write([add(n, f"n{n}")])
        assert await database.read("SELECT id FROM item WHERE id = $1", (n,)) == [(n,)]

    await asyncio.gather(*(write_then_read(n) for n in range(100)))


@pytest.mark.parametrize("bad", [False, True])
async def test_groups_of_many_writers_share_commits_also_with_a_bad_one(
    database: SqliteDatabase, path: Path, *, bad: bool
) -> None:
    # The write-ahead log holds one page image of the small table per commit: far fewer than one per group.
    await database.write([add(0, "first")])
    groups = [[add(n, f"n{n}")] for n in range(1, 301)]
    groups[150:150] = [[add(0, "taken")]] * bad
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    assert sum(isinstance(answer, UniqueViolation) for answer in answers) == bad
    pages = path.with_name(path.name + "-wal").stat().st_size / 4120
    assert pages < 300


async def test_closing_finishes_what_was_handed_in_and_refuses_the_rest(path: Path) -> None:
    database = await SqliteDatabase.open(path, migrations=[SCHEMA])
    pending = [asyncio.ensure_future(database.write([add(n, f"n{n}")])) for n in range(200)]
    await asyncio.sleep(0)
    await database.close()
    assert all(answer == [[]] for answer in await asyncio.gather(*pending))
    with pytest.raises(StoreUnavailable) as refused_write:
        await database.write([add(999, "late")])
    with pytest.raises(StoreUnavailable) as refused_read:
        await names(database)
    assert (refused_write.value.reason, refused_read.value.reason) == ("closed", "closed")
    await database.close()
    again = await SqliteDatabase.open(path, migrations=[SCHEMA])
    assert len(await names(again)) == 200
    await again.close()


async def test_closing_leaves_one_file_and_no_log(database: SqliteDatabase, path: Path) -> None:
    await database.write([add(1, "a")])
    await database.close()
    assert [file.name for file in path.parent.iterdir()] == ["test.db"]


async def test_a_log_is_folded_into_the_file_when_idle(database: SqliteDatabase, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    await database.write([add(1, "a")])
    assert log.stat().st_size > 0
    await eventually(lambda: log.stat().st_size == 0)
    await database.write([add(2, "b")])
    assert await names(database) == ["a", "b"]


async def test_a_cancelled_writer_disturbs_nobody(database: SqliteDatabase) -> None:
    tasks = [asyncio.ensure_future(database.write([add(n, f"n{n}")])) for n in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert {0, 1, 2, 4, 5, 6, 7, 8, 9} <= {n for (n,) in await database.read("SELECT id FROM item")}


async def test_a_full_disk_acknowledges_nothing_and_leaves_the_store_usable(database: SqliteDatabase) -> None:
    await database.write([add(0, "first")])
    pages = await database.read("SELECT page_count FROM pragma_page_count()")
    connection = database._writer.committer.connection
    connection.pragma("max_page_count", pages[0][0])
    big = "x" * 300_000
    answers = await asyncio.gather(
        *(database.write([add(n, f"{n}{big}")]) for n in range(1, 6)), return_exceptions=True
    )
    assert [getattr(answer, "reason", None) for answer in answers] == ["full"] * 5
    connection.pragma("max_page_count", 1_000_000)
    await database.write([add(9, "after")])
    assert await names(database) == ["first", "after"]


async def test_a_commit_that_fails_fails_every_group_in_it(database: SqliteDatabase) -> None:
    connection = database._writer.committer.connection
    connection.set_commit_hook(lambda: True)  # turns COMMIT into a rollback, as a failing disk does
    answers = await asyncio.gather(*(database.write([add(n, f"n{n}")]) for n in range(5)), return_exceptions=True)
    assert all(isinstance(answer, Exception) for answer in answers)
    connection.set_commit_hook(None)
    await database.write([add(9, "after")])
    assert await names(database) == ["after"]


async def test_a_commit_that_the_disk_refuses_fails_every_group_in_it(database: SqliteDatabase, path: Path) -> None:
    await database.write([add(0, "first")])
    with no_file_may_grow_beyond(path.with_name(path.name + "-wal").stat().st_size):
        answers = await asyncio.gather(
            *(database.write([add(n, f"n{n}")]) for n in range(1, 5)), return_exceptions=True
        )
    assert [getattr(answer, "reason", answer) for answer in answers] == ["io"] * 4
    assert await names(database) == ["first"]
    await database.write([add(9, "after")])
    assert await names(database) == ["first", "after"]


@contextlib.contextmanager
def no_file_may_grow_beyond(size: int) -> Iterator[None]:
    """Let the kernel refuse what this process writes beyond `size` bytes of any file: pages go out with the COMMIT."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_broken_connection_is_replaced(database: SqliteDatabase) -> None:
    await database.write([add(1, "a")])
    database._writer.committer.connection.close(True)
    with pytest.raises(StoreUnavailable) as caught:
        await database.write([add(2, "b")])
    assert caught.value.reason == "io"
    await database.write([add(3, "c")])
    assert await names(database) == ["a", "c"]


async def test_foreign_keys_full_sync_and_write_ahead_log_are_on(database: SqliteDatabase) -> None:
    connection = database._writer.committer.connection
    assert connection.pragma("foreign_keys") == 1
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("journal_mode") == "wal"


async def test_a_new_file_is_its_owners_alone(database: SqliteDatabase, path: Path) -> None:
    await database.write([add(1, "a")])
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


async def test_what_is_no_database_is_refused() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await SqliteDatabase.open(Path(__file__))
    assert caught.value.reason == "corrupt"


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        await SqliteDatabase.open(tmp_path / "file" / "x.db")


async def test_a_lock_held_too_long_is_busy_and_not_acknowledged(path: Path) -> None:
    database = await SqliteDatabase.open(path, migrations=[SCHEMA], busy_timeout=0.1)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable) as caught:
        await database.write([add(1, "a")])
    assert caught.value.reason == "busy"
    other.execute("ROLLBACK")
    other.close()
    await database.write([add(2, "b")])
    assert await names(database) == ["b"]
    await database.close()


async def test_a_write_waits_for_a_lock_that_is_let_go(database: SqliteDatabase, path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE; INSERT INTO item (id, name) VALUES (1, 'theirs')")
    waiting = asyncio.ensure_future(database.write([add(2, "ours")]))
    assert await asyncio.wait({waiting}, timeout=0.05) == (set(), {waiting})
    assert await names(database) == []
    other.execute("COMMIT")
    other.close()
    await waiting
    assert await names(database) == ["theirs", "ours"]


async def test_a_database_opens_by_url(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a%20b.db", migrations=[SCHEMA])
    await database.write([add(1, "a")])
    await database.close()
    assert (tmp_path / "a b.db").exists()


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/d", "sqlite:///relative.db", "sqlite://", "sqlite:////x.db?mode=ro", "file.db", ""]
)
async def test_other_urls_are_refused_without_telling_their_password(url: str) -> None:
    with pytest.raises(UnsupportedUrl) as caught:
        await open_database(url)
    assert "secret" not in str(caught.value)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["set", "add", "fail"])), max_size=4)))
async def test_concurrent_groups_end_as_if_run_one_after_another(
    tmp_path: Path, batches: list[list[tuple[int, str]]]
) -> None:
    database = await SqliteDatabase.open(
        tmp_path / f"{new_id()}.db", migrations=[Migration("1", "CREATE TABLE n (k INTEGER UNIQUE, v TEXT)")]
    )
    make = {
        "set": "INSERT INTO n VALUES ($1, '') ON CONFLICT (k) DO UPDATE SET v = v || 's' || $2",
        "add": "INSERT INTO n VALUES ($1, 'a' || $2)",
        "fail": "INSERT INTO n SELECT $1, $2 FROM nowhere",
    }
    groups = [[Statement(make[what], (k, str(n))) for k, what in batch] for n, batch in enumerate(batches)]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    expected: dict[int, str] = {}
    for n, (batch, answer) in enumerate(zip(batches, answers, strict=True)):
        attempt: dict[int, str] | None = dict(expected)
        for k, what in batch:
            if attempt is None or what == "fail" or (what == "add" and k in attempt):
                attempt = None
                break
            attempt[k] = f"a{n}" if what == "add" else f"{attempt[k]}s{n}" if k in attempt else ""
        assert isinstance(answer, Exception) is (attempt is None)
        expected = expected if attempt is None else attempt
    rows = msgspec.convert(await database.read("SELECT k, v FROM n"), list[tuple[int, str]])
    assert dict(rows) == expected
    await database.close()


async def test_two_event_loops_may_share_a_database(database: SqliteDatabase) -> None:
    async def elsewhere() -> None:
        await database.write([add(2, "theirs")])
        assert "theirs" in await names(database)

    await asyncio.gather(database.write([add(1, "ours")]), asyncio.to_thread(asyncio.run, elsewhere()))
    assert await names(database) == ["ours", "theirs"]
