"""The trigger: from the outbox to the hub, in order, until the hub has confirmed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec

from portico.bff.errors import HubUnavailable
from portico.bff.events import hub_subject, origin_of
from portico.bff.hub import Hub, Message
from portico.bff.metrics import Meters
from portico.bff.store import EntityStore
from portico.sql import Row, SqlError, Statement

_log = logging.getLogger("portico.bff.trigger")

_PAGE: Final = 512
_FEW: Final = 16
"""Events from which on a batch is worth its while: the server makes a store for each, which takes as long as about
twelve events that are published singly."""
_OUTAGE: Final = 1024  # so many keys refused and nothing confirmed: that is the hub, not the keys
_Ends = tuple[list[int], Mapping[str, BaseException]]  # what was confirmed, and which keys failed
_SLOWEST: Final = 10.0  # seconds; the longest pause of the backoff


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """An outbox row that is not published yet."""

    seq: int
    id: str
    type: str
    partition_key: str
    region: str
    envelope: str
    target: str | None


class Trigger:
    """Publishes a store's outbox. ``start`` and ``stop`` are idempotent; rows wait in the store meanwhile.

    A row is published only after every earlier row of its partition key was confirmed, so the order of a key holds,
    also with several processes on one file and across crashes: each may publish a row again, none may overtake.
    Repetitions carry the same id. ``poll`` is the pause in seconds after which it looks without being woken, for what
    other processes left.
    """

    def __init__(
        self,
        store: EntityStore,
        hub: Hub,
        *,
        poll: float = 2.0,
        jitter: Callable[[], float] = random.random,
        meters: Meters | None = None,
    ) -> None:
        self._store = store
        self._hub = hub
        self._poll = poll
        self._jitter = jitter
        self._meters = meters or Meters(store.origin.service)
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin publishing, and listen for commits."""
        if self._task is None:
            self._leave = self._store.on_events(self._woken.set)
            self._task = asyncio.create_task(self._run(), name="portico-trigger")

    async def stop(self) -> None:
        """End; what was not confirmed is published next time."""
        task, self._task = self._task, None
        if self._leave is not None:
            self._leave()
            self._leave = None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def publish_waiting(self) -> int:
        """Publish what waits now, page by page; return how many rows were confirmed.

        A key that fails is left for the next pass, and the others go on; so nothing that the hub will never take holds
        up more than its own key. Raises ``HubUnavailable`` (or what else a key failed with) after marking what was
        confirmed, and ``StoreUnavailable``.
        """
        published = 0
        failed: dict[str, BaseException] = {}
        while waiting := await self._waiting(failed):
            confirmed, failures = await self._publish_together(waiting) or await self._publish(waiting)
            failed |= failures
            if confirmed:
                await self._mark(confirmed)
                published += len(confirmed)
                self._meters.published(len(confirmed))
            if not published and len(failed) >= _OUTAGE:
                break
        if failed:
            raise _worst(failed.values())
        return published

    async def _run(self) -> None:
        failures = 0
        while True:
            self._woken.clear()
            try:
                if count := await self.publish_waiting():
                    _log.debug("published %d events", count)
            except Exception as error:  # noqa: BLE001 (whatever it was, events must flow again)
                failures += 1
                self._meters.not_published()
                pause = min(_SLOWEST, 0.05 * 2 ** min(failures, 10)) * (0.5 + self._jitter() / 2)
                expected = isinstance(error, (HubUnavailable, SqlError))
                level = logging.ERROR if not expected else logging.WARNING if failures == 1 else logging.DEBUG
                _log.log(level, "events wait: %s", error, exc_info=not expected)
                await asyncio.sleep(pause)
                continue
            if failures:
                _log.info("events flow again")
            failures = 0
            # Not asyncio.wait_for: before Python 3.12 it loses a cancellation that comes just after the wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._woken.wait()

    async def _waiting(self, but: Collection[str]) -> list[Waiting]:
        """Return the first rows of all keys ``but`` these."""
        rows: list[Row] = await self._store.database.read(
            "SELECT seq, id, type, partition_key, region, envelope, target FROM outbox"  # noqa: S608 (placeholders)
            f" WHERE published_at IS NULL AND partition_key NOT IN ({self._store.engine.members('$1')})"
            " ORDER BY seq LIMIT $2",
            (msgspec.json.encode(list(but)).decode(), _PAGE),
        )
        return msgspec.convert(rows, list[Waiting])

    async def _publish_together(self, waiting: Sequence[Waiting]) -> _Ends | None:
        """Publish the events of a page as one batch, and what is for feeds beside it; None when the hub refuses that.

        A batch is stored whole and in order. Raises ``HubUnavailable`` when that is not known: nothing is marked.
        """
        events = [row for row in waiting if row.target is None]
        if len(events) < _FEW:
            return None
        (stored, (confirmed, failures)) = await asyncio.gather(
            self._hub.publish_batch([self._message(row) for row in events]),
            self._publish([row for row in waiting if row.target is not None]),
        )
        if not stored:
            return None
        return [*confirmed, *(row.seq for row in events)], failures

    async def _publish(self, waiting: Sequence[Waiting]) -> _Ends:
        """Publish each key's rows one by one, the keys side by side; return what was confirmed, and who failed."""
        chains: dict[str, list[Waiting]] = {}
        for row in waiting:
            chains.setdefault(row.partition_key, []).append(row)
        confirmed: list[int] = []
        ends = await asyncio.gather(
            *(self._publish_chain(chain, confirmed) for chain in chains.values()), return_exceptions=True
        )
        return confirmed, {key: end for key, end in zip(chains, ends, strict=True) if end is not None}

    async def _publish_chain(self, chain: Sequence[Waiting], confirmed: list[int]) -> None:
        """Publish rows until one fails: what follows of its key must wait for it."""
        for row in chain:
            await self._hub.publish(self._message(row))
            confirmed.append(row.seq)

    def _message(self, row: Waiting) -> Message:
        if row.target is not None:
            return Message(row.target, row.id, row.envelope, {"Content-Type": "application/json"})
        origin = origin_of(f"/{row.region}/{self._store.origin.service}")
        return Message(hub_subject(origin, row.type, row.partition_key), row.id, row.envelope)

    async def _mark(self, confirmed: Sequence[int]) -> None:
        # One list of the texts of numbers: a statement of the same text for any number of rows.
        seqs = msgspec.json.encode([str(seq) for seq in confirmed]).decode()
        members = self._store.engine.members("$1")
        await self._store.database.write(
            [
                Statement(
                    f"WITH given (one) AS ({members}) UPDATE outbox SET published_at = $2"  # noqa: S608 (placeholders)
                    " WHERE published_at IS NULL AND seq IN (SELECT CAST(one AS BIGINT) FROM given)",
                    (seqs, self._store.now()),
                )
            ]
        )


def _worst(failures: Collection[BaseException]) -> BaseException:
    """Return the failure to tell of: an unforeseen one before a hub that is away."""
    worst = next((one for one in failures if not isinstance(one, HubUnavailable)), next(iter(failures)))
    if isinstance(worst, asyncio.CancelledError):  # the hub's own doing; raised as it is, it would end the trigger
        return HubUnavailable("the hub cancelled the publication")
    return worst
