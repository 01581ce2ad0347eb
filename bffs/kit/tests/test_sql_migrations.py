"""Migrations: ordered, once, all or nothing, and safe when processes start together."""

import asyncio
import sys
from pathlib import Path

import pytest

from portico.sql import Migration, MigrationError, SqliteDatabase

A = Migration("a", "CREATE TABLE a (id INTEGER); CREATE TABLE log (step TEXT); INSERT INTO log VALUES ('a')")
B = Migration("b", "INSERT INTO log VALUES ('b')")
C = Migration("c", "INSERT INTO log VALUES ('c')")


async def steps(path: Path, *migrations: Migration) -> list[object]:
    database = await SqliteDatabase.open(path, migrations=migrations)
    try:
        return [row[0] for row in await database.read("SELECT step FROM log ORDER BY rowid")]
    finally:
        await database.close()


async def test_steps_run_once_in_the_order_given(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    assert await steps(path, A, C) == ["a", "c"]
    assert await steps(path, A, C) == ["a", "c"]
    assert await steps(path, A, B, C) == ["a", "c", "b"]


async def test_steps_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    assert await steps(tmp_path / "x.db", A, B, C) == ["a", "b", "c"]
    assert await steps(tmp_path / "x.db", A) == ["a", "b", "c"]


async def test_a_failing_step_undoes_the_steps_before_it(tmp_path: Path) -> None:
    bad = Migration("bad", "INSERT INTO log VALUES ('bad'); INSERT INTO nowhere VALUES (1)")
    with pytest.raises(MigrationError, match="nowhere") as caught:
        await steps(tmp_path / "x.db", A, B, bad)
    assert caught.value.migration == "bad"
    assert await steps(tmp_path / "x.db", A) == ["a"]


async def test_a_script_changed_after_it_ran_is_refused(tmp_path: Path) -> None:
    await steps(tmp_path / "x.db", A)
    with pytest.raises(MigrationError, match="changed"):
        await steps(tmp_path / "x.db", Migration("a", A.script + " "), B)
    assert await steps(tmp_path / "x.db", A) == ["a"]


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK", "SAVEPOINT x", "BEGIN"])
async def test_a_script_cannot_end_its_transaction(tmp_path: Path, word: str) -> None:
    with pytest.raises(MigrationError, match="not authorized"):
        await steps(tmp_path / "x.db", A, Migration("sly", f"INSERT INTO log VALUES ('sly'); {word}"))
    assert await steps(tmp_path / "x.db", A) == ["a"]


async def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="twice"):
        await steps(tmp_path / "x.db", A, B, B)


async def test_processes_that_start_together_apply_each_step_once(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from portico.sql import Migration, SqliteDatabase
async def main():
    sys.stdin.readline()
    steps = [Migration("0", "CREATE TABLE log (step TEXT)")]
    steps += [Migration(str(n), f"INSERT INTO log VALUES ('{n}')") for n in range(1, 6)]
    database = await SqliteDatabase.open(Path(sys.argv[1]), migrations=steps)
    print(await database.read("SELECT group_concat(step, '') FROM log"))
    await database.close()
asyncio.run(main())
"""
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(tmp_path / "x.db"), stdin=pipe, stdout=pipe, stderr=pipe
        )
        for _ in range(4)
    ]
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [(out.strip(), err) for out, err in answers] == [(b"[('12345',)]", b"")] * 4
