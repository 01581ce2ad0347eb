"""The live stream over real HTTP with a real hub: nothing lost, nothing twice, nothing of anybody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host.tests.live_world import LiveWorld, live_world, numbers, until
from portico.feed import person_subject


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LiveWorld]:
    async with live_world(tmp_path) as world:
        yield world


async def test_a_new_client_gets_what_is_retained_and_then_what_comes(world: LiveWorld) -> None:
    for number in (1, 2):
        await world.hub.tell("ada", number)
    await world.settled()
    async with world.stream("ada") as stream:
        hello, reset = await stream.take(2)
        assert (hello["type"], hello["region"], hello["heartbeat"]) == ("hello", "here", 15_000)
        assert hello["head"] == reset["head"] == reset["frames"][-1]["id"] == f"{hello['epoch']}.2"
        assert (reset["type"], numbers(reset["frames"])) == ("reset", [1, 2])
        await world.hub.tell("ada", 3)
        frame = await stream.wanted()
        assert frame == {
            "id": f"{hello['epoch']}.3",
            "prev": reset["head"],
            "type": "things.changed",
            "ts": 1_800_000_000_003,
            "data": {"number": 3},
        }


async def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(world: LiveWorld) -> None:
    await world.hub.tell("ada", 1)
    await world.settled()
    async with world.stream("ada") as stream:
        _, reset = await stream.take(2)
    for number in (2, 3):
        await world.hub.tell("ada", number)
        await world.hub.tell("ben", 100 + number)
    await world.settled()
    async with world.stream("ada", reset["head"]) as stream:
        hello = await stream.wanted()
        await world.hub.tell("ada", 4)
        frames = await stream.take(3)
    assert numbers(frames) == [2, 3, 4]
    assert frames[0]["prev"] == reset["head"]
    assert hello["head"] == frames[1]["id"]
    async with world.stream("ada", frames[-1]["id"]) as stream:
        hello = await stream.wanted()
        assert hello["head"] == frames[-1]["id"]
        await world.hub.tell("ada", 5)
        assert numbers([await stream.wanted()]) == [5]


async def test_people_and_tenants_hear_their_own_feeds_alone(world: LiveWorld) -> None:
    async with (
        world.stream("ada@north") as ada,
        world.stream("ben@north") as ben,
        world.stream("cid@south") as cid,
        world.stream("dee") as dee,
    ):
        streams = (ada, ben, cid, dee)
        for stream in streams:
            await stream.take(2)
        await world.hub.tell("ada", 1)
        await world.hub.tell_tenant("north", 2)
        await world.hub.tell_tenant("south", 3)
        for name, number in (("ada", 4), ("ben", 5), ("cid", 6), ("dee", 7)):
            await world.hub.tell(name, number)
        assert numbers(await ada.take(3)) == [1, 2, 4]
        assert numbers(await ben.take(2)) == [2, 5]
        assert numbers(await cid.take(2)) == [3, 6]
        assert numbers(await dee.take(1)) == [7]


async def test_both_feeds_of_a_person_are_merged_in_the_order_of_the_stream(world: LiveWorld) -> None:
    await world.hub.tell("ada", 0)
    await world.settled()
    cursor = (await world.poll("ada@north"))["hello"]["head"]
    for number in range(1, 9):
        await (world.hub.tell("ada", number) if number % 3 else world.hub.tell_tenant("north", number))
    await world.settled()
    assert numbers((await world.poll("ada@north", cursor))["frames"]) == list(range(1, 9))


async def test_every_client_that_connects_while_messages_flow_gets_each_once(world: LiveWorld) -> None:
    """The race between what is stored and what is live, run into from all sides."""
    await world.hub.tell("ada", 0)
    await world.settled()
    cursor = (await world.poll("ada"))["hello"]["head"]
    last = 300

    async def listen(after: int) -> list[int]:
        await until(lambda: world.live.position >= after)
        async with world.stream("ada", cursor) as stream:
            assert (await stream.wanted())["type"] == "hello"
            return numbers(await stream.take(last))

    listeners = [asyncio.create_task(listen(after)) for after in range(1, last, last // 12)]
    for number in range(1, last + 1):
        await world.hub.tell("ada", number)
    for heard in await asyncio.gather(*listeners):
        assert heard == list(range(1, last + 1))


async def test_a_line_break_in_the_data_does_not_end_the_event(world: LiveWorld) -> None:
    jetstream = await world.hub.jetstream()
    async with world.stream("ada") as stream:
        await stream.take(2)
        await world.hub.tell("ada", 1, text="one\ntwo\r\nthree\u2028")
        frame = await stream.wanted()
        assert frame["data"]["text"] == "one\ntwo\r\nthree\u2028"
        pretty = b'{\n "type": "things.changed",\r\n "ts": 1,\n "data": {\n\n "number": 2}\n}'
        await jetstream.publish(person_subject("ada"), pretty)
        assert numbers([await stream.wanted()]) == [2]


DEEP = b'{"type":"x","ts":1,"data":' + b"[" * 20_000 + b"]" * 20_000 + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"type":"x"}',
        b'{"type":"hello","ts":1,"data":{}}',
        b'{"type":"x","ts":1,"data":"\xff"}',
        DEEP,
        b'{"type":"x","ts":8640000000000001,"data":{}}',
        b'{"type":"x","ts":-1,"data":{}}',
    ],
)
async def test_what_is_no_message_is_left_out_and_the_next_is_heard(world: LiveWorld, body: bytes) -> None:
    async with world.stream("ada") as stream:
        _, reset = await stream.take(2)
        await (await world.hub.jetstream()).publish(person_subject("ada"), body)
        await world.hub.tell("ada", 2)
        frame = await stream.wanted()
    assert (numbers([frame]), frame["prev"]) == ([2], reset["head"])


async def test_an_open_stream_is_forgotten_when_its_client_goes(world: LiveWorld) -> None:
    async with world.stream("ada") as stream:
        await stream.take(2)
        await world.until_open(1)
        stream.response.close()
        await world.until_open(0)
