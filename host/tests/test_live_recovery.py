"""Clients and hub that were away: what can be resumed is, and what cannot is said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from nats.js.api import StreamConfig

from host.tests.live_world import Hub, LiveWorld, Sessions, live_world, numbers, replica, running_hub, until
from portico.feed import STREAM, SUBJECTS, person_subject


async def test_a_hub_that_is_killed_and_comes_back_delays_messages_and_loses_none(tmp_path: Path) -> None:
    async with live_world(tmp_path) as world, world.stream("ada") as stream:
        await stream.take(2)
        for number in range(1, 6):
            await world.hub.tell("ada", number)
        await world.hub.kill()
        await world.hub.start()
        for number in range(6, 11):
            await world.hub.tell("ada", number)
        assert numbers(await stream.take(10)) == list(range(1, 11))


async def test_a_client_that_was_here_a_moment_ago_is_answered_while_the_hub_is_away(tmp_path: Path) -> None:
    async with live_world(tmp_path) as world:
        await world.hub.tell("ada", 1)
        await world.settled()
        cursor = (await world.poll("ada"))["hello"]["head"]
        await world.hub.tell("ada", 2)
        await world.settled()
        await world.hub.kill()
        async with world.stream("ada", cursor) as stream:
            _, missed = await stream.take(2)
            assert numbers([missed]) == [2]
            await world.hub.start()
            await world.hub.tell("ada", 3)
            assert numbers([missed, await stream.wanted()]) == [2, 3]


async def test_without_a_hub_a_new_client_is_told_to_come_again(tmp_path: Path) -> None:
    async with live_world(tmp_path, read_timeout_s=0.5) as world:
        await world.hub.tell("ada", 1)
        await world.settled()
        await world.hub.kill()
        # One message is in memory, and whether others are in the store cannot be known.
        async with world.client.get(f"{world.url}/live", headers=ours("ada")) as answer:
            assert answer.status in {200, 503}
    hub = Hub(tmp_path / "never")
    hub.url = "nats://127.0.0.1:9"
    async with (
        replica(hub, read_timeout_s=0.2) as world,
        world.client.get(f"{world.url}/live", headers=ours("ada")) as answer,
    ):
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        assert (await answer.json())["type"].endswith("/live-unavailable")


def ours(person: str) -> dict[str, str]:
    return {"X-Portico": "1", "Sec-Fetch-Site": "same-origin", "Cookie": person}


async def test_a_host_that_starts_after_its_clients_messages_answers_from_the_store(tmp_path: Path) -> None:
    """More than one batch, and older than what a starting replica reads back into memory."""
    async with running_hub(tmp_path) as hub:
        async with replica(hub) as world:
            first = await tell_many(world, "ada", range(1, 701))
        await fill(hub, 100)
        async with replica(hub, recent_frames=50) as world:
            answer = await world.poll("ada", f"{epoch(first)}.100")
            assert not answer["reset"]
            assert numbers(answer["frames"]) == list(range(101, 701))
            assert answer["frames"][0]["prev"] == f"{epoch(first)}.100"


async def tell_many(world: LiveWorld, person: str, told: range) -> str:
    """Tell a person many things at once; the cursor after them."""
    await asyncio.gather(*(world.hub.tell(person, number) for number in told))
    await world.settled()
    return str((await world.poll(person))["hello"]["head"])


async def fill(hub: Hub, number: int) -> None:
    jetstream = await hub.jetstream()
    body = b'{"type":"things.changed","ts":1,"data":{"number":0}}'
    await asyncio.gather(*(jetstream.publish(f"feed.person.other{turn % 7}", body) for turn in range(number)))


def epoch(cursor: str) -> str:
    return cursor.partition(".")[0]


@pytest.mark.parametrize("in_memory", [True, False])
async def test_a_cursor_whose_successors_were_pushed_out_gets_a_snapshot(tmp_path: Path, in_memory: bool) -> None:
    """The feed holds a few messages only; then what follows an old cursor is gone."""
    async with running_hub(tmp_path) as hub:
        jetstream = await hub.jetstream()
        await jetstream.delete_stream(STREAM)
        config = StreamConfig(name=STREAM, subjects=[SUBJECTS], max_msgs_per_subject=5, allow_direct=True)
        await jetstream.add_stream(config)
        async with replica(hub) as world:
            await hub.tell("ada", 1)
            await world.settled()
            cursor = (await world.poll("ada"))["hello"]["head"]
            for number in range(2, 10):
                await hub.tell("ada", number)
            await world.settled()
            if in_memory:
                answer = await world.poll("ada", cursor)
                assert (answer["reset"], numbers(answer["frames"])) == (False, list(range(2, 10)))
        await fill(hub, 100)
        async with replica(hub, recent_frames=50) as world:
            answer = await world.poll("ada", cursor)
            assert (answer["reset"], numbers(answer["frames"])) == (True, [5, 6, 7, 8, 9])
            after = await world.poll("ada", answer["frames"][1]["id"])
            assert (after["reset"], numbers(after["frames"])) == (False, [7, 8, 9])


async def test_a_cursor_from_before_the_oldest_message_gets_a_snapshot(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        async with replica(hub) as world:
            await hub.tell("ada", 1)
            await world.settled()
            cursor = (await world.poll("ada"))["hello"]["head"]
            await hub.tell("ada", 2)
            await hub.tell("ben", 3)
            await hub.tell("ada", 4)
        await (await hub.jetstream()).purge_stream(STREAM, seq=3)
        await fill(hub, 100)
        async with replica(hub, recent_frames=50) as world, world.stream("ada", cursor) as stream:
            _, reset = await stream.take(2)
            assert (reset["type"], numbers(reset["frames"])) == ("reset", [4])
            await hub.tell("ada", 5)
            frame = await stream.wanted()
            assert (numbers([frame]), frame["prev"]) == ([5], reset["head"])


async def test_a_stream_that_was_wiped_says_goodbye_and_then_resets(tmp_path: Path) -> None:
    async with live_world(tmp_path) as world:
        await world.hub.tell("ada", 1)
        await world.settled()
        async with world.stream("ada") as stream:
            hello, _ = await stream.take(2)
            jetstream = await world.hub.jetstream()
            await jetstream.delete_stream(STREAM)
            [bye] = await stream.rest()
            assert (bye["type"], bye["reason"]) == ("bye", "epoch")
        await world.hub.disconnect()
        await world.hub.tell("ada", 2)
        await world.settled()
        async with world.stream("ada", hello["head"]) as stream:
            again, reset = await stream.take(2)
            assert again["epoch"] != hello["epoch"]
            assert (reset["type"], numbers(reset["frames"])) == ("reset", [2])


async def test_a_cursor_that_another_replica_gave_earlier_is_no_gap(tmp_path: Path) -> None:
    """This replica is behind; the frames that the client has already are not sent to it again."""
    async with live_world(tmp_path) as world:
        await world.hub.tell("ada", 1)
        await world.settled()
        first = (await world.poll("ada"))["hello"]["head"]
        reader = world.live._reader
        take, held = reader.take, []
        reader.take = lambda *message, **facts: held.append((message, facts))  # type: ignore[method-assign]
        for number in (2, 3):
            await world.hub.tell("ada", number)
        async with world.stream("ada", f"{epoch(first)}.2") as stream:
            assert (await stream.wanted())["head"] == f"{epoch(first)}.2"
            await until(lambda: len(held) == 2)
            for message, facts in held:
                take(*message, **facts)
            assert numbers([await stream.wanted()]) == [3]


async def test_a_cursor_beyond_the_end_of_the_stream_gets_a_snapshot(tmp_path: Path) -> None:
    """The stream was put back from an older copy: what the client has is not what is stored."""
    async with live_world(tmp_path) as world:
        await world.hub.tell("ada", 1)
        await world.settled()
        head = (await world.poll("ada"))["hello"]["head"]
        answer = await world.poll("ada", f"{epoch(head)}.99")
        assert (answer["reset"], numbers(answer["frames"])) == (True, [1])


async def test_a_new_client_of_a_full_feed_gets_the_newest(tmp_path: Path) -> None:
    async with live_world(tmp_path, snapshot_frames=10) as world:
        await tell_many(world, "ada", range(1, 31))
        answer = await world.poll("ada")
        assert answer["reset"]
        assert len(numbers(answer["frames"])) == 10
        assert answer["frames"][-1]["id"] == answer["hello"]["head"]


async def test_two_replicas_tell_one_story(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, replica(hub) as first, replica(hub, Sessions()) as second:
        async with first.stream("ada") as stream:
            await stream.take(2)
            await hub.tell("ada", 1)
            frame = await stream.wanted()
        await hub.tell("ada", 2)
        async with second.stream("ada", frame["id"]) as stream:
            assert (await stream.wanted())["type"] == "hello"
            assert numbers([frame, await stream.wanted()]) == [1, 2]


async def test_a_feed_message_on_no_ones_subject_disturbs_nobody(tmp_path: Path) -> None:
    async with live_world(tmp_path) as world, world.stream("ada") as stream:
        await stream.take(2)
        jetstream = await world.hub.jetstream()
        await jetstream.publish("feed.elsewhere", b"{}")
        await jetstream.publish(f"{person_subject('ada')}.more", b'{"type":"x","ts":1,"data":{"number":0}}')
        await world.hub.tell("ada", 1)
        assert numbers([await stream.wanted()]) == [1]
