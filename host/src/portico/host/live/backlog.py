"""What a client that was away has missed: the frames after its cursor, or all that is retained when some are gone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter

from portico.host.live.frame import Cursor, Stored
from portico.host.live.hub import HUB_ERRORS, FeedHub
from portico.host.live.limits import LiveLimits
from portico.host.live.reader import FeedReader, epoch_of
from portico.host.live.recent import Recent
from portico.host.live.stored import ReadFailed, StoredFeeds

_seq = attrgetter("seq")


@dataclass(frozen=True, slots=True)
class Backlog:
    """`frames` follow what the client has up to `begin`, or, with `is_reset`, take the place of everything it has.

    `head` is the seq up to which this feed has something (or the client's own). When `is_whole` is false there is more
    after the frames, up to `head`.
    """

    begin: int
    head: int
    frames: Sequence[Stored] = field(default_factory=list)
    is_reset: bool = False
    is_whole: bool = True


class Backlogs:
    """Reads backlogs, from memory where it reaches back far enough."""

    def __init__(
        self, hub: FeedHub, reader: FeedReader, recent: Recent, stored: StoredFeeds, *, limits: LiveLimits
    ) -> None:
        self._hub = hub
        self._reader = reader
        self._recent = recent
        self._stored = stored
        self._limits = limits

    async def read(self, subjects: Sequence[str], after: Cursor | None, upto: int) -> Backlog:
        """What these feeds have after a cursor and up to seq `upto`, where live messages begin.

        Raises ReadFailed, or one of `HUB_ERRORS`, when the hub is needed and cannot be asked.
        """
        if after is None or after.epoch != self._reader.epoch:
            return await self._snapshot(subjects, upto)
        if after.seq > upto:
            # Another replica was quicker than this one; or the stream was put back from an older copy.
            known = (await self._info()).last_seq
            return await self._snapshot(subjects, upto) if after.seq > known else Backlog(after.seq, after.seq)
        if after.seq >= self._recent.floor(subjects):
            return self._whole(after.seq, self._recent.after(subjects, after.seq, upto))
        return await self._from_store(subjects, after.seq, upto)

    def _whole(self, begin: int, frames: Sequence[Stored]) -> Backlog:
        size = 0
        for number, stored in enumerate(frames):
            size += len(stored)
            if number and size > self._limits.backlog_bytes:
                return Backlog(begin, frames[-1].seq, frames[:number], is_whole=False)
        return Backlog(begin, frames[-1].seq if frames else begin, frames)

    async def _from_store(self, subjects: Sequence[str], after: int, upto: int) -> Backlog:
        """From the hub, unless something after the cursor may be gone there: then a snapshot."""
        floor = self._recent.floor(subjects)
        newest = self._recent.after(subjects, max(after, floor), upto)
        older = await self._older(subjects, after, min(floor, upto))
        # Asked afterwards: what was there now was there when it was read.
        info = await self._info()
        if after + 1 < info.first_seq or any(
            0 < info.most_per_subject <= len(frames) + sum(stored.subject == subject for stored in newest)
            for subject, frames in zip(subjects, older, strict=True)
        ):
            return await self._snapshot(subjects, upto)
        return self._whole(after, [*merge(*older, key=_seq), *newest])

    async def _snapshot(self, subjects: Sequence[str], upto: int) -> Backlog:
        """The newest of what is retained."""
        floor = self._recent.floor(subjects)
        newest = self._recent.after(subjects, floor, upto)
        older = await self._older(subjects, 0, min(floor, upto))
        frames: deque[Stored] = deque()
        size = 0
        for stored in reversed([*merge(*older, key=_seq), *newest]):
            size += len(stored)
            if frames and (size > self._limits.snapshot_bytes or len(frames) == self._limits.snapshot_frames):
                break
            frames.appendleft(stored)
        return Backlog(0, upto, list(frames), is_reset=True)

    async def _older(self, subjects: Sequence[str], after: int, upto: int) -> list[list[Stored]]:
        """What the store has of each feed; nothing is asked for nothing."""
        if after >= upto:
            return [[] for _ in subjects]
        return await asyncio.gather(*(self._of_feed(subject, after, upto) for subject in subjects))

    async def _of_feed(self, subject: str, after: int, upto: int) -> list[Stored]:
        reader = self._reader
        return [stored async for stored in self._stored.after(reader.stream, reader.epoch, subject, after, upto)]

    async def _info(self) -> _StreamFacts:
        client = self._hub.client
        if client is None:
            raise ReadFailed("the hub is away")
        info = await self._hub.jetstream(client).stream_info(self._reader.stream)
        if epoch_of(info) != self._reader.epoch:
            raise ReadFailed("the stream was made anew")
        return _StreamFacts(info.state.first_seq, info.state.last_seq, info.config.max_msgs_per_subject or 0)


@dataclass(frozen=True, slots=True)
class _StreamFacts:
    first_seq: int
    last_seq: int
    most_per_subject: int


READ_ERRORS = (ReadFailed, *HUB_ERRORS)
"""What can go wrong when a backlog is read."""
