"""What calls of the API are answered from: the channel of a moment ago at the earliest, own changes at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from portico.host.overrides import OverrideCookie, OverrideRules
from portico.host.session import Seal, Session
from portico.host.views import RECENT_S, Views
from portico.host.visitors import VisitorCookie
from portico.manifest import Release, Snapshot
from portico.manifest.channel import ChannelRevision
from portico.manifest.state import ChannelState

ADA = Session("s1", "idp|ada", "Ada", (), None, 9e9, 1)


@dataclass
class Channel:
    """A channel that others change (`number`), and what this process knows of it (`seen`)."""

    number: int = 1
    seen: int | None = None
    asked: list[int] = field(default_factory=list)

    async def state(self) -> ChannelState:
        self.seen = self.number
        self.asked.append(self.number)
        return _state(self.number)

    def known(self) -> ChannelState | None:
        return None if self.seen is None else _state(self.seen)

    async def snapshot(self, *, visitor: str | None = None, overrides: Mapping[str, str] | None = None) -> Snapshot:
        raise AssertionError((visitor, overrides))

    async def release(self, app: str, digest: str) -> Release:
        raise AssertionError((app, digest))


def _state(number: int) -> ChannelState:
    return ChannelState(replace(ChannelRevision.empty("live"), number=number), {})


def views(channel: Channel, clock: list[float]) -> Views:
    cookie = OverrideCookie(Seal.generate(), lambda: 0.0, secure=False)
    return Views(
        channel,
        visitors=VisitorCookie(secure=False),
        overrides=cookie,
        rules=OverrideRules(roles=frozenset(), origins=frozenset()),
        check=lambda _snapshot: [],
        clock=lambda: clock[0],
    )


async def test_calls_look_at_the_channel_once_in_a_while_and_pages_each_time() -> None:
    channel, clock = Channel(), [0.0]
    seen = views(channel, clock)
    for _ in range(3):
        assert (await seen.call([], ADA)).revision == 1
    assert channel.asked == [1]
    channel.number = 2
    assert (await seen.call([], ADA)).revision == 1
    clock[0] += RECENT_S
    assert (await seen.call([], ADA)).revision == 2
    channel.number = 3
    assert (await seen.page([], ADA)).snapshot.revision == 3
    assert channel.asked == [1, 2, 3]


async def test_what_this_process_changed_itself_is_seen_at_once() -> None:
    channel, clock = Channel(), [0.0]
    seen = views(channel, clock)
    await seen.call([], ADA)
    channel.seen = channel.number = 7
    assert (await seen.call([], ADA)).revision == 7
    assert channel.asked == [1]
