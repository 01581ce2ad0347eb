"""Erasing a person: the key is forgotten at once, and what the hub still has of them is removed a week later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from anyio import to_thread
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from portico.lake.errors import LakeUnavailable
from portico.lake.hub_reader import identity, name_of, stream_info
from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.log import EPOCH
from portico.lake.readers import read_by_all
from portico.lake.row import Row
from portico.lake.table import open_parquet

PURGE_AFTER_MS: Final = 7 * 24 * 3_600_000
"""What is erased in the lake is in the hub for another week, for who has not read it yet."""


async def erase(person: str, lake: Lake, keys: KeyStore) -> int:
    """Forget the person's key; return how many events in the lake have lost their personal parts by it.

    Nobody can bring them back, but for who has a copy of the key store from before. Events of the person's that reach
    the lake later, but happened before, are kept without them. Raises what lake and key store raise; then nothing has
    happened.
    """
    key = await keys.id_of(person)
    found = [] if key is None else await to_thread.run_sync(lambda: list(_positions(lake, key)))
    await keys.erase(person, found)
    return len(found)


async def note_forgotten(rows: Sequence[Row], keys: KeyStore) -> None:
    """Have the hub forget those rows as well whose person was erased after they were sealed and before they were in
    the lake, where ``erase`` could not see them. Raises what the key store raises."""
    wanted = {key for row in rows for key in row.keys}
    held = await keys.opening(wanted) if wanted else {}
    await keys.note_purges([row.position for row in rows if not held.keys() >= set(row.keys)])


async def purge(js: JetStreamContext, lake: Lake, keys: KeyStore) -> int:
    """Remove from the hub what was erased a week ago; return how many messages that were.

    So long every service has to read it; what one of them, or a durable consumer of the hub, has not read waits longer
    (``readers``). Raises ``LakeUnavailable`` and what the key store raises.
    """
    info = await stream_info(js)
    epoch = lake.begin(identity(info)) // EPOCH * EPOCH
    await keys.purged(await keys.purges(epoch, 0))  # of a stream that is gone
    if not await keys.purges(epoch + EPOCH - 1, PURGE_AFTER_MS, 1):
        return 0
    try:
        until = epoch + await read_by_all(js, info)
        done = 0
        while positions := await keys.purges(until, PURGE_AFTER_MS):
            for position in positions:
                try:
                    await js.delete_msg(name_of(info), position - epoch)
                except NotFoundError:
                    continue
                except JetStreamError as error:
                    if getattr(error, "err_code", None) != _GONE:
                        raise
            await keys.purged(positions)
            done += len(positions)
    except (JetStreamError, OSError, TimeoutError) as error:
        raise LakeUnavailable(f"the hub does not answer: {type(error).__name__} {error}".strip()) from error
    return done


_GONE: Final = 10057  # JetStream's "stream message delete failed": no such message any more


def _positions(lake: Lake, key: str) -> Iterator[int]:
    for file in lake.refresh().files.values():
        parquet = open_parquet(file.name, lake.storage.get(file.name))
        for batch in parquet.iter_batches(columns=["position", "keys"]):
            lists = batch.column("keys")
            hits = pc.equal(pc.list_flatten(lists), pa.scalar(key))
            places = pc.filter(pc.list_parent_indices(lists), hits)
            yield from batch.column("position").take(places).to_pylist()
