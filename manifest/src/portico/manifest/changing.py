"""Changing channels: in each process one writer per channel, which takes changes in turn and writes them in groups."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from portico.manifest.answers import Answer, AnsweredBefore, KeptAnswer, RequestKey
from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import Change
from portico.manifest.channel_store import ChannelStore
from portico.manifest.errors import RevisionConflict
from portico.manifest.state import ChannelState

_MOST = 256
"""How many changes one write group takes."""


class Ground(Protocol):
    """What a writer stands on: the states that this process knows, and the checks of what a change would make."""

    async def current(self) -> ChannelState:
        """Return the channel as it is in the store."""
        ...

    async def checked(self, before: ChannelState, revision: ChannelRevision) -> ChannelState:
        """Return the state of a changed revision; raises ``InvalidChannel`` when it would not work."""
        ...

    def adopt(self, state: ChannelState) -> ChannelState:
        """Let everyone in this process see a state that is stored now."""
        ...

    def now(self) -> datetime:
        """Return the time."""
        ...


async def anywhere(before: ChannelState) -> None:
    """Let a change be made beside whatever there is."""


async def anyone(changes: Sequence[Change]) -> None:
    """Permit every change."""


@dataclass(frozen=True, slots=True, eq=False)
class ChangeRequest:
    """A change that somebody wants.

    ``make`` is pure and says what comes after a revision; it may be asked several times. ``base`` is the revision that
    the change was decided on, ``None`` for whatever is current. ``permit`` raises when what changes may not be changed,
    ``suits`` when it does not go with what is there. ``key`` is kept with the change, so that the request is done once.
    """

    make: Callable[[ChannelRevision], ChannelRevision]
    base: int | None
    permit: Callable[[Sequence[Change]], Awaitable[None]] = anyone
    suits: Callable[[ChannelState], Awaitable[None]] = anywhere
    key: RequestKey | None = None


@dataclass(slots=True, eq=False)
class _Waiting:
    request: ChangeRequest
    answer: asyncio.Future[ChannelRevision]


@dataclass(slots=True, eq=False)
class _Round:
    """Changes applied one after another in memory, not written yet, and what each waiter will be told."""

    start: ChannelState
    state: ChannelState
    revisions: list[ChannelRevision] = field(default_factory=list)
    answers: list[KeptAnswer] = field(default_factory=list)
    outcomes: list[tuple[_Waiting, ChannelRevision | Exception]] = field(default_factory=list)
    later: list[_Waiting] = field(default_factory=list)


class ChannelWriter:
    """The one place of a process from which a channel is changed.

    Changes that wait are applied one after another to the newest revision, each checked on what came before it; one
    that is refused fails alone. They are appended in one write group, and nobody is told anything before that is
    durable. When another process was faster, all are done again on what it wrote.
    """

    def __init__(self, store: ChannelStore, ground: Ground) -> None:
        self._store = store
        self._ground = ground
        self._queue: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None

    async def change(self, request: ChangeRequest) -> ChannelRevision:
        """Return the revision that holds the change: a new one, or the current one when nothing changes.

        Raises what the request's functions raise, ``RevisionConflict``, ``InvalidChannel``, ``AnsweredBefore``.
        """
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await waiting.answer

    async def close(self) -> None:
        """Finish what waits."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:_MOST], self._queue[_MOST:]
                try:
                    await self._settle(batch)
                except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
                    for one in batch:
                        _tell(one, error)
        finally:
            self._running = None
            for one in self._queue:  # none, unless the process is ending
                one.answer.cancel()

    async def _settle(self, batch: list[_Waiting]) -> None:
        waiting = batch
        while waiting := [one for one in waiting if not one.answer.done()]:
            state = await self._ground.current()
            done = await self._applied(state, waiting)
            if done.revisions or done.answers:
                try:
                    await self._store.append(state.revision, done.revisions, done.answers)
                except RevisionConflict:
                    continue  # nobody was told anything: all of it again, on what others wrote meanwhile
                self._ground.adopt(done.state)
            for one, outcome in done.outcomes:
                _tell(one, outcome)
            waiting = done.later

    async def _applied(self, state: ChannelState, waiting: Sequence[_Waiting]) -> _Round:
        done = _Round(state, state)
        for one in waiting:
            key = one.request.key
            if key is not None and any(key.names(kept.key) for kept in done.answers):
                done.later.append(one)  # the same request twice at once: the second is told what the first was
                continue
            try:
                outcome: ChannelRevision | Exception = await self._one(done, one.request)
            except Exception as refusal:  # noqa: BLE001 - whatever it was, the others have no part in it
                outcome = refusal
            done.outcomes.append((one, outcome))
        return done

    async def _one(self, done: _Round, request: ChangeRequest) -> ChannelRevision:
        key, current = request.key, done.state.revision
        if key is not None and (kept := await self._store.answer(key)) is not None:
            raise AnsweredBefore(kept.to(key))
        if request.base is not None and request.base != current.number:
            raise RevisionConflict(current.channel, current.number)
        revision = request.make(current)
        if revision is not current:
            await request.permit(revision.diff(current))
            await request.suits(done.state)
            done.state = await self._ground.checked(done.state, revision)
            done.revisions.append(revision)
        if key is not None:
            done.answers.append(KeptAnswer(key, revision_answer(revision), self._ground.now()))
        return revision


def revision_answer(revision: ChannelRevision) -> Answer:
    """Return what is kept of an answer that is a revision: which one, for it never changes."""
    return Answer(200, {}, str(revision.number).encode())


def _tell(one: _Waiting, outcome: ChannelRevision | Exception) -> None:
    if one.answer.done():
        return
    if isinstance(outcome, Exception):
        one.answer.set_exception(outcome)
    else:
        one.answer.set_result(outcome)
