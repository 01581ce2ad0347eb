"""What was acknowledged is kept: through SIGKILL, and with several processes writing to one database."""

import asyncio
import sys

from portico.sql import Migration, Statement, open_database

SCHEMA = Migration("0001", "CREATE TABLE entry (who TEXT NOT NULL, n INTEGER NOT NULL)")

WRITER = """
import asyncio, sys
from portico.sql import Migration, Statement, open_database
SCHEMA = Migration("0001", sys.argv[4])
async def main():
    who, count = sys.argv[2], int(sys.argv[3])
    database = await open_database(sys.argv[1], migrations=[SCHEMA])
    numbers = iter(range(count))
    async def writer():
        for n in numbers:
            await database.write([Statement("INSERT INTO entry (who, n) VALUES ($1, $2)", (who, n))])
            sys.stdout.write(f"{n}\\n"); sys.stdout.flush()
    await asyncio.gather(*(writer() for _ in range(4)))
    await database.close()
asyncio.run(main())
"""


async def start(url: str, who: str, count: int) -> asyncio.subprocess.Process:
    arguments = (WRITER, url, who, str(count), SCHEMA.script)
    return await asyncio.create_subprocess_exec(sys.executable, "-c", *arguments, stdout=asyncio.subprocess.PIPE)


async def kept(url: str, who: str) -> list[object]:
    database = await open_database(url, migrations=[SCHEMA])
    rows = await database.read("SELECT n FROM entry WHERE who = $1 ORDER BY n", (who,))
    await database.close()
    return [row[0] for row in rows]


async def test_a_killed_process_loses_nothing_it_acknowledged(database_url: str) -> None:
    for life in range(3):
        process = await start(database_url, f"life{life}", 100_000)
        assert process.stdout is not None
        acknowledged = [int(await process.stdout.readline()) for _ in range(150)]
        process.kill()
        rest = await process.stdout.read()
        await process.wait()
        acknowledged += [int(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
        found = await kept(database_url, f"life{life}")
        assert set(acknowledged) <= set(found)
        assert len(found) == len(set(found))


async def test_processes_writing_to_one_database_all_get_through(database_url: str) -> None:
    processes = [await start(database_url, f"p{n}", 300) for n in range(3)]
    outputs = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [len(out.splitlines()) for out, _ in outputs] == [300, 300, 300]
    assert [await kept(database_url, f"p{n}") for n in range(3)] == [list(range(300))] * 3


async def test_a_busy_process_does_not_starve_its_neighbour(database_url: str) -> None:
    busy = await start(database_url, "busy", 1_000_000)
    assert busy.stdout is not None
    await busy.stdout.readline()
    drain = asyncio.ensure_future(busy.stdout.read())
    database = await open_database(database_url, migrations=[SCHEMA])
    async with asyncio.timeout(30):
        for n in range(20):
            await database.write([Statement("INSERT INTO entry (who, n) VALUES ('guest', $1)", (n,))])
    assert busy.returncode is None
    busy.kill()
    await busy.wait()
    await drain
    await database.close()
