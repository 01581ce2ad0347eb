"""What the live stream refuses, ends and gives up: strangers, ended sessions, slow readers, a host that goes away."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from host.tests.live_world import OURS, Frame, LiveWorld, Sessions, live_world, numbers, replica, running_hub, until
from portico.host.live.pace import Pace


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LiveWorld]:
    async with live_world(tmp_path) as world:
        yield world


@pytest.mark.parametrize("query", ["", "?wait=5"])
@pytest.mark.parametrize(
    ("headers", "status", "slug"),
    [
        ({}, 401, "signed-out"),
        ({"Cookie": "ada", "X-Portico": None}, 403, "missing-portico-header"),
        ({"Cookie": "ada", "Sec-Fetch-Site": "same-site"}, 403, "cross-site-request"),
        ({"Cookie": "ada", "Sec-Fetch-Site": None, "Origin": "http://evil.example"}, 403, "cross-site-request"),
        ({"Cookie": "ada", "Portico-Person": "ben"}, 401, "other-person"),
    ],
)
async def test_strangers_and_other_sites_are_refused_with_a_problem(
    world: LiveWorld, query: str, headers: dict[str, str | None], status: int, slug: str
) -> None:
    sent = {name: value for name, value in ({**OURS, **headers}).items() if value is not None}
    async with world.client.get(f"{world.url}/live{query}", headers=sent) as answer:
        assert answer.status == status
        assert (await answer.json())["type"].endswith(f"/{slug}")
    assert len(world.live.registry) == 0


async def test_no_tab_can_navigate_into_a_stream(world: LiveWorld) -> None:
    headers = {"Cookie": "ada", "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with world.client.get(f"{world.url}/live", headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("after=1", "cursor-invalid"),
        ("after=00000000.-1", "cursor-invalid"),
        ("after=00000000.01", "cursor-invalid"),
        ("after=zzzzzzzz.1", "cursor-invalid"),
        ("after=00000000.99999999999999999999", "cursor-invalid"),
        ("after=00000000.1%0A", "cursor-invalid"),
        ("wait=x", "invalid-query"),
        ("wait=-1", "invalid-query"),
        ("wait=%C2%B2", "invalid-query"),
    ],
)
async def test_what_is_no_cursor_or_wait_is_a_400(world: LiveWorld, query: str, slug: str) -> None:
    async with world.client.get(f"{world.url}/live?{query}", headers={**OURS, "Cookie": "ada"}) as answer:
        assert answer.status == 400
        assert (await answer.json())["type"].endswith(f"/{slug}")


async def test_only_get_is_answered(world: LiveWorld) -> None:
    async with world.client.post(f"{world.url}/live", headers={**OURS, "Cookie": "ada"}) as answer:
        assert (answer.status, answer.headers["allow"]) == (405, "GET")


async def test_a_person_has_a_few_streams_and_others_have_theirs(tmp_path: Path) -> None:
    async with live_world(tmp_path, streams_each=2) as world:
        async with world.stream("ada") as one, world.stream("ada") as two:
            for stream in (one, two):
                await stream.take(2)
            async with world.client.get(f"{world.url}/live", headers={**OURS, "Cookie": "ada"}) as answer:
                assert (answer.status, answer.headers["retry-after"]) == (429, "30")
                assert (await answer.json())["type"].endswith("/too-many-streams")
            async with world.stream("ben") as other:
                await other.take(2)
        await world.until_open(0)
        async with world.stream("ada") as again:
            await again.take(2)


async def test_streams_end_at_once_with_the_session_and_nothing_that_waits_is_sent(world: LiveWorld) -> None:
    async with world.stream("ada") as first, world.stream("ada") as second, world.stream("ben") as other:
        for stream in (first, second, other):
            await stream.take(2)
        world.sessions.ended.add("ada")
        world.live.end_session("ada")
        await world.hub.tell("ada", 1)
        for stream in (first, second):
            [bye] = await stream.rest()
            assert (bye["type"], bye["reason"]) == ("bye", "session")
        await world.hub.tell("ben", 2)
        assert numbers([await other.wanted()]) == [2]


async def test_a_session_that_another_replica_ended_is_noticed(tmp_path: Path) -> None:
    """Every stream's session is looked up once in each heartbeat, many at a time."""
    async with live_world(tmp_path, heartbeat_s=0.3) as world:
        async with world.stream("ada") as stream:
            await stream.take(2)
            world.sessions.ended.add("ada")
            [bye] = await stream.rest()
            assert bye["reason"] == "session"
        await world.until_open(0)


async def test_heartbeats_come_as_frames(tmp_path: Path) -> None:
    async with live_world(tmp_path, heartbeat_s=0.1) as world, world.stream("ada") as stream:
        hello, _ = await stream.take(2)
        assert hello["heartbeat"] == 100
        beats = [await stream.wanted(beats=True) for _ in range(3)]
        assert {beat["type"] for beat in beats} == {"beat"}
        assert beats[0]["ts"] < beats[1]["ts"] < beats[2]["ts"]


async def test_a_stream_has_an_end_and_its_client_goes_on_from_there(tmp_path: Path) -> None:
    async with live_world(tmp_path, heartbeat_s=0.1, lifetime_s=(200, 300)) as world:
        async with world.stream("ada") as stream:
            await stream.take(2)
            await world.hub.tell("ada", 1)
            frame = await stream.wanted()
            [connection] = world.live.registry
            assert 100 < connection.ends_at - world.live.clock() <= 300
            connection.ends_at = world.live.clock()
            [bye] = await stream.rest()
        assert (bye["type"], bye["reason"]) == ("bye", "lifetime")
        assert 0 <= bye["retry"] <= 1000
        await world.hub.tell("ada", 2)
        await world.settled()
        assert numbers((await world.poll("ada", frame["id"]))["frames"]) == [2]


async def test_a_draining_host_sends_everyone_away_at_different_times_and_takes_nobody_new(world: LiveWorld) -> None:
    async with world.stream("ada") as one, world.stream("ben") as two, world.stream("cid") as three:
        streams = (one, two, three)
        for stream in streams:
            await stream.take(2)
        await world.hub.tell("ada", 1)
        await world.settled()
        world.live._jitter = cycle([0.0, 0.5, 1.0]).__next__  # two that are left to chance may be the same
        world.live.drain()
        ends = [await stream.rest() for stream in streams]
        assert numbers(ends[0]) == [1]
        assert [frames[-1]["reason"] for frames in ends] == ["drain"] * 3
        assert sorted(frames[-1]["retry"] for frames in ends) == [500, 2750, 5000]
        async with world.client.get(f"{world.url}/live", headers={**OURS, "Cookie": "ada"}) as answer:
            assert answer.status == 503


async def test_the_store_of_sessions_may_be_away_for_a_moment_but_not_for_long(tmp_path: Path) -> None:
    from portico.sql import StoreUnavailable  # noqa: PLC0415

    class Away(Sessions):
        async def alive(self, session_ids: object) -> frozenset[str]:
            self.asked.append(1)
            raise StoreUnavailable("away")

    async with running_hub(tmp_path) as hub, replica(hub, Away(), heartbeat_s=0.1, verify_s=2.0) as world:
        async with world.stream("ada") as stream:
            frames = await stream.rest()
        assert frames[-1]["reason"] == "unverified"
        assert len(world.sessions.asked) > 3


class SlowReader:
    """A client that opens a stream and reads nothing until it is asked to."""

    def __init__(self, world: LiveWorld, person: str) -> None:
        port = urlsplit(world.url).port
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(True)
        self.socket.connect(("127.0.0.1", port))
        request = f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Portico: 1\r\nSec-Fetch-Site: same-origin\r\n"
        self.socket.sendall(f"{request}Cookie: {person}\r\n\r\n".encode())
        self.socket.setblocking(False)

    async def frames(self) -> AsyncIterator[dict[str, object]]:
        reader, writer = await asyncio.open_connection(sock=self.socket, limit=2**22)
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
        finally:
            writer.close()


async def test_a_slow_reader_is_poked_and_what_it_pulls_is_whole(tmp_path: Path) -> None:
    """It holds up nobody, costs no more than its bounds, and in the end it has everything."""
    limits = {"queue_frames": 16, "backlog_bytes": 10_000_000, "send_timeout_s": 600}
    async with live_world(tmp_path, **limits) as world, world.stream("ada") as quick:
        await quick.take(2)
        slow = SlowReader(world, "ada")
        await world.until_open(2)
        text = "x" * 50_000  # more than sockets hold
        last = 200
        heard: list[int] = []
        for number in range(1, last + 1):  # in step with the quick one, which must not fall behind on a busy machine
            await world.hub.tell("ada", number, text=text)
            heard += numbers(await quick.take(1))
        assert heard == list(range(1, last + 1))
        got: list[dict[str, object]] = []
        async for frame in slow.frames():
            if frame["type"] == "poke":
                break
            got.append(frame)
        got = [frame for frame in got if "id" in frame]
        assert 0 < len(got) < last
        answer = await world.poll("ada", str(got[-1]["id"]))
        assert not answer["reset"]
        assert numbers([*got, *answer["frames"]]) == heard


async def test_a_reader_that_takes_nothing_is_cut_off(tmp_path: Path) -> None:
    async with live_world(tmp_path, heartbeat_s=0.2, send_timeout_s=0.2) as world:
        slow = SlowReader(world, "ada")
        await world.until_open(1)
        text = "x" * 100_000
        await asyncio.gather(*(world.hub.tell("ada", number, text=text) for number in range(100)))
        await world.until_open(0)
        slow.socket.close()


async def test_an_answer_brings_a_bounded_part_of_what_was_missed_and_says_that_there_is_more(tmp_path: Path) -> None:
    async with live_world(tmp_path, backlog_bytes=10_000) as world:
        await world.hub.tell("ada", 0)
        await world.settled()
        cursor = (await world.poll("ada"))["hello"]["head"]
        for number in range(1, 21):
            await world.hub.tell("ada", number, text="x" * 1000)
        await world.settled()
        got: list[int] = []
        more = True
        while more:
            answer = await world.poll("ada", cursor)
            got += numbers(answer["frames"])
            cursor, more = answer["frames"][-1]["id"], answer["more"]
        assert got == list(range(1, 21))
        async with world.stream("ada", cursor.partition(".")[0] + ".1") as stream:
            frames = await stream.take(2)
            while frames[-1]["type"] != "poke":
                frames += await stream.take(1)
            assert 2 < len(frames) < 20
            await world.hub.tell("ada", 21)
            assert (await stream.wanted())["prev"] == frames[-1]["head"] != frames[-2]["id"]


async def waiting_poll(world: LiveWorld) -> tuple[asyncio.Task[Frame], str]:
    """A poll of Ada's that waits at the server, and the cursor that it waits after."""
    cursor = (await world.poll("ada"))["hello"]["head"]
    await world.until_open(0)  # its answer may be here before the server has done with it
    waiting = asyncio.create_task(world.poll("ada", cursor, wait=25))
    await world.until_open(1)
    return waiting, cursor


async def test_a_poll_waits_for_what_comes(world: LiveWorld) -> None:
    waiting, cursor = await waiting_poll(world)
    await world.hub.tell("ada", 1)
    answer = await waiting
    assert (numbers(answer["frames"]), answer["reset"], answer["more"]) == ([1], False, False)
    assert answer["frames"][0]["prev"] == cursor
    assert answer["hello"]["head"] == answer["frames"][0]["id"]


async def test_a_poll_for_nothing_ends_in_time_and_one_look_at_once(world: LiveWorld) -> None:
    cursor = (await world.poll("ada"))["hello"]["head"]
    for wait in (0, 1):
        answer = await world.poll("ada", cursor, wait=wait)
        assert (answer["frames"], answer["hello"]["head"]) == ([], cursor)


async def test_a_poll_whose_client_goes_is_forgotten(world: LiveWorld) -> None:
    waiting, _ = await waiting_poll(world)
    waiting.cancel()
    await world.until_open(0)


async def test_a_waiting_poll_ends_with_the_session(world: LiveWorld) -> None:
    waiting, _ = await waiting_poll(world)
    world.live.end_session("ada")
    async with asyncio.timeout(15):  # by itself it ends after 25 seconds
        assert (await waiting)["frames"] == []


async def test_a_websocket_says_the_same_frames_and_answers_a_pull(world: LiveWorld) -> None:
    await world.hub.tell("ada", 1)
    await world.settled()
    async with world.socket("ada") as socket:
        hello, reset = await socket.receive_json(), await socket.receive_json()
        assert (hello["type"], reset["type"]) == ("hello", "reset")
        await world.hub.tell("ada", 2)
        frame = await socket.receive_json()
        assert (numbers([frame]), frame["prev"]) == ([2], reset["head"])
        await socket.send_str("no json")
        await socket.send_str('{"type":"pull","x":' + "[" * 20_000)  # and nested without end
        await socket.send_json({"type": "later", "x": 1})
        await socket.send_json({"type": "pull", "after": reset["head"]})
        again, pulled = await socket.receive_json(), await socket.receive_json()
        assert (again["type"], again["head"], pulled) == ("hello", frame["id"], frame)
        await world.hub.tell("ada", 3)
        assert numbers([pulled, await socket.receive_json()]) == [2, 3]
        await socket.send_json({"type": "pull", "after": "nonsense"})
        assert (await socket.receive()).data == 1008
    await world.until_open(0)


async def test_a_websocket_whose_client_keeps_asking_is_closed(tmp_path: Path) -> None:
    async with live_world(tmp_path, pulls=3, pulls_within_s=3600) as world, world.socket("ada") as socket:
        head = (await socket.receive_json())["head"]
        await socket.receive_json()
        for _ in range(3):
            await socket.send_json({"type": "pull", "after": head})
            assert (await socket.receive_json())["type"] == "hello"
        await socket.send_str("no json, but said all the same")
        closed = await socket.receive()
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1008)
        assert closed.extra == "too-many-pulls"
        await world.until_open(0)


def test_a_pace_looks_back_from_every_moment() -> None:
    pace = Pace(2, 1.0)
    answers = [pace.allows(now) for now in (0.0, 0.5, 0.9, 1.6, 2.0, 2.5, 3.6)]
    assert answers == [True, True, False, True, True, False, True]


async def test_a_websocket_hears_goodbye_and_is_closed(world: LiveWorld) -> None:
    async with world.socket("ada") as socket:
        await socket.receive_json(), await socket.receive_json()
        world.live.end_session("ada")
        assert (await socket.receive_json())["type"] == "bye"
        closed = await socket.receive()
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1000)


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Cookie": "ada", "Origin": "http://evil.example"}, "", 403),
        ({"Cookie": "ada"}, "", 403),
        ({"Origin": "same"}, "", 401),
        ({"Cookie": "ada", "Origin": "same"}, "?person=ben", 401),
        ({"Cookie": "ada", "Origin": "same"}, "?after=x", 400),
    ],
)
async def test_a_websocket_of_a_stranger_or_another_site_is_refused(
    world: LiveWorld, headers: dict[str, str], query: str, status: int
) -> None:
    if headers.get("Origin") == "same":
        headers = {**headers, "Origin": world.url}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.client.ws_connect(f"{world.url}/live{query}", headers=headers)
    assert refused.value.status == status
    await until(lambda: len(world.live.registry) == 0)
