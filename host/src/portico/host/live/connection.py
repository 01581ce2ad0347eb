"""One open stream: what waits to be sent on it, and when it is over."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from portico.host.live.frame import Encoding, Stored, bye, poke
from portico.host.live.limits import LiveLimits


class Connection:
    """A stream of one session. It never blocks who fills it, and holds no more than the limits say.

    When too much waits, all of it is dropped for one `poke`, and the client pulls what it missed. `position` is the
    seq up to which the client has been sent everything, or told to pull; frames name it as their `prev`.
    """

    __slots__ = (
        "_beat", "_bye", "_bytes", "_channel", "_encoding", "_epoch", "_limits", "_overflowed", "_queue", "_task",
        "_waiting", "ended", "ends_at", "is_cut", "is_gone", "is_pressing", "is_quiet", "position", "pull",
        "sending_since", "session_id", "slot", "sub", "subjects", "verified_at",
    )  # fmt: skip

    def __init__(
        self,
        *,
        session_id: str,
        sub: str,
        subjects: Sequence[str],
        encoding: Encoding,
        epoch: str,
        limits: LiveLimits,
        ends_at: float,
        now: float,
    ) -> None:
        self.session_id = session_id
        self.sub = sub
        self.subjects = subjects
        self.position = 0
        self.ends_at = ends_at
        self.verified_at = now
        self.sending_since: float | None = None
        self.ended = False
        self.is_gone = False
        self.is_cut = False
        self.is_pressing = False
        self.is_quiet = False
        self.pull: str | None = None
        self.slot = 0
        self._task = asyncio.current_task()
        self._encoding = encoding
        self._epoch = epoch
        self._limits = limits
        self._queue: deque[Stored] | None = None
        self._bytes = 0
        self._overflowed = False
        self._beat: bytes | None = None
        self._bye: bytes | None = None
        self._channel: bytes | None = None
        self._waiting: asyncio.Future[None] | None = None

    def offer(self, stored: Stored) -> None:
        """Have a frame sent, or remembered as missed when too many wait already."""
        if self.ended:
            return
        if not self._overflowed:
            if self._queue is None:
                self._queue = deque()  # most streams are silent most of the time
            self._queue.append(stored)
            self._bytes += len(stored)
            if len(self._queue) > self._limits.queue_frames or self._bytes > self._limits.queue_bytes:
                self.overflow(stored.seq)
        else:
            self.overflow(stored.seq)
        self._wake()

    def overflow(self, head: int) -> None:
        """Drop what waits; the client is told to pull up to `head`."""
        self._queue, self._bytes, self._overflowed = None, 0, True
        self.position = max(self.position, head)

    def beat(self, frame: bytes) -> None:
        """Have a sign of life sent, unless the client waits for one answer only."""
        if not self.is_quiet:
            self._beat = frame
            self._wake()

    def announce(self, frame: bytes) -> None:
        """Have it said that the channel has changed; of several that wait, the last."""
        if not self.is_quiet and not self.ended:
            self._channel = frame
            self._wake()

    def ask(self, after: str) -> None:
        """The client pulls: what waits is dropped, and what is stored after its cursor is sent instead."""
        self.pull = after
        self._wake()

    def press(self) -> None:
        """The client asks for more than it may; whoever answers it ends the stream for that."""
        self.is_pressing = True
        self._wake()

    def restart(self) -> None:
        """Forget what waits: everything up to now is about to be read from what is stored."""
        self._queue, self._bytes, self._overflowed, self.pull = None, 0, False, None

    def end(self, reason: str, retry_ms: int, *, silent: bool = False) -> None:
        """Say goodbye after what waits; with `silent`, what waits is not for this client any more."""
        if self.ended:
            return
        self.ended = True
        self._bye = bye(retry_ms, reason)
        if silent:
            self.restart()
        self._wake()

    def gone(self) -> None:
        """The client is away: nobody is left to say anything to."""
        self.ended = self.is_gone = True
        self.restart()
        self._beat = self._bye = self._channel = None
        self._wake()

    def cut(self) -> None:
        """Give up on a client that takes nothing: whatever is being sent to it is not waited for."""
        self.is_cut = True
        self.gone()
        if self._task is not None:
            self._task.cancel()

    async def ready(self) -> None:
        """Return once there is something to send or do, or the stream is over."""
        while not (self._queue or self._overflowed or self._beat or self._channel or self.ended or self._is_asked):
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None

    def take(self) -> list[bytes]:
        """What is to be sent now, as the transport writes it."""
        encoding = self._encoding
        out, is_whole = self.take_frames()
        if not is_whole:
            out.append(encoding.control(poke(self._epoch, self.position)))
        if self._channel is not None:
            out.append(encoding.control(self._channel))
            self._channel = None
        if self._beat is not None:
            out.append(encoding.control(self._beat))
            self._beat = None
        if self._bye is not None:
            out.append(encoding.control(self._bye))
            self._bye = None
        return out

    def take_frames(self) -> tuple[list[bytes], bool]:
        """The frames with ids that wait, and whether they are all there were."""
        out = []
        if self._queue:
            queue, self._queue, self._bytes = self._queue, None, 0
            for stored in queue:
                if stored.seq > self.position:  # else the client had it from another replica
                    out.append(self._encoding.stored(stored, self.position))
                    self.position = stored.seq
        is_whole, self._overflowed = not self._overflowed, False
        return out, is_whole

    @property
    def _is_asked(self) -> bool:
        return self.pull is not None or self.is_pressing

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
