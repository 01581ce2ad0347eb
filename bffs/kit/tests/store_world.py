"""What the tests of store, trigger and hub share: entity types, claims, a clock, a real NATS server."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

import msgspec

from e2e.stack import free_port
from portico.bff.claims import Claims
from portico.bff.entity import EntityType, Reach, SearchText


class Note(msgspec.Struct, frozen=True):
    """Belongs to one person."""

    text: str
    colour: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """Belongs to a tenant."""

    text: str


class Article(msgspec.Struct, frozen=True):
    """Is everyone's to read."""

    title: str
    text: str = ""
    section: str = msgspec.field(name="articleSection", default="")


NOTE = EntityType("note", Note)
PLAN = EntityType("plan", Plan, reach=Reach.TENANT)
RULE = EntityType("rule", Plan, reach=Reach.TENANT, writers=frozenset({"manager"}))
ARTICLE = EntityType(
    "article",
    Article,
    reach=Reach.EVERYONE,
    writers=frozenset({"editor"}),
    search=lambda article: SearchText(article.title, article.text),
)


def person(sub: str, *roles: str, tenant: str | None = None, **held: Collection[str]) -> Claims:
    return Claims(
        sub=sub,
        client_id="portico-host",
        issuer="http://127.0.0.1",
        audience="urn:portico:bff:test",
        issued_at=0,
        expires_at=2**40,
        roles=frozenset(roles),
        tenant=tenant,
        held={name: frozenset(values) for name, values in held.items()},
    )


ADA = person("ada", tenant="north")
BOB = person("bob", tenant="north")
CYD = person("cyd", tenant="south")
EDITOR = person("eve", "editor")


class TestClock:
    """A clock that stands still until it is told."""

    __test__ = False

    def __init__(self, milliseconds: int = 1_800_000_000_000) -> None:
        self.milliseconds = milliseconds

    def __call__(self) -> int:
        return self.milliseconds

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        self.milliseconds += int((days * 86_400 + seconds) * 1000)


async def eventually(condition: Callable[[], bool], within: float = 15.0) -> None:
    """Wait for something that happens in another thread or process."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 (nothing there could set an event of ours)
            await asyncio.sleep(0.01)


class LateAnswer:
    """The hub's last answer to somebody who is told to end as it comes: ``come`` is called right before that.

    Before Python 3.12 ``asyncio.wait_for``, by which nats-py waits, returns the answer and loses the cancellation.
    """

    def __init__(self) -> None:
        self.awaited = asyncio.Event()
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        if not self._answer.done():
            self.awaited.set()
            await asyncio.wait_for(self._answer, 60)

    def come(self) -> None:
        self._answer.set_result(None)


class NatsServer:
    """A real `nats-server` with JetStream on a port of its own; may be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        binary = Path(sys.executable).with_name("nats-server")
        self._process = await asyncio.create_subprocess_exec(
            binary, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder),
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(15):
            while not await self._answers():  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    def signal(self, number: int) -> None:
        """SIGSTOP: it answers nobody, though its connections stay open; SIGCONT: it goes on."""
        assert self._process is not None
        self._process.send_signal(number)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            return (await reader.readline()).startswith(b"INFO")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
