"""The live channel's changes: noticed by every host, told on every stream, and answered to pages that ask."""

from __future__ import annotations

import pytest

from portico.host.channel_watch import ChannelWatch
from portico.host.live.connection import Connection
from portico.host.live.frame import EVENTS, JSON, Encoding
from portico.host.live.limits import LiveLimits
from portico.host.live.live import Live
from portico.sql import StoreUnavailable

pytestmark = pytest.mark.asyncio


async def nobody(session_ids: object) -> list[str]:
    return []


def connection(encoding: Encoding) -> Connection:
    return Connection(
        session_id="s",
        sub="u",
        subjects=("p.u",),
        encoding=encoding,
        epoch="00000000",
        limits=LiveLimits(),
        ends_at=9e9,
        now=0.0,
    )


async def test_a_watch_tells_the_first_revision_and_every_other_once() -> None:
    revisions, told = iter([7, 7, 8, 8, 10]), list[int]()

    async def revision() -> int:
        return next(revisions)

    watch = ChannelWatch(revision, told.append)
    for _ in range(5):
        await watch.look()
    assert told == [7, 8, 10]


async def test_a_store_that_is_away_has_changed_nothing() -> None:
    answers, told = iter([7, None, 7, 8]), list[int]()

    async def revision() -> int:
        answer = next(answers)
        if answer is None:
            raise StoreUnavailable("away")
        return answer

    watch = ChannelWatch(revision, told.append)
    for _ in range(4):
        await watch.look()
    assert told == [7, 8]


@pytest.mark.parametrize(
    ("encoding", "frame"),
    [
        (JSON, b'{"type":"channel","revision":9}'),
        (EVENTS, b'data: {"type":"channel","revision":9}\n\n'),
    ],
)
async def test_who_is_connected_hears_of_the_last_of_several_changes(encoding: Encoding, frame: bytes) -> None:
    live = Live("nats://127.0.0.1:1", region="north", alive=nobody)
    stream = connection(encoding)
    live.registry.add(stream)
    live.channel_changed(7)
    assert stream.take() == []  # what it was at first is in everybody's hello
    live.channel_changed(8)
    live.channel_changed(9)
    assert stream.take() == [frame]
    assert stream.take() == []


async def test_a_flag_that_changed_is_told_as_the_channel_is_with_the_same_revision() -> None:
    live = Live("nats://127.0.0.1:1", region="north", alive=nobody)
    stream = connection(JSON)
    live.registry.add(stream)
    live.flags_changed(1)
    live.channel_changed(7)
    assert stream.take() == []  # nobody has been shown anything yet
    live.flags_changed(2)
    assert stream.take() == [b'{"type":"channel","revision":7}']
