"""At every sync the power may fail: each acknowledged command is there afterwards, none is half."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from bffs.kit.tests.command_ledger import judged, keys, send_all
from bffs.kit.tests.power_cut import Cut, PowerCut
from portico.bff.store import EntityStore
from portico.sql import connection

LANES = ("a", "b", "c")
LENGTH = 5
OFTEN = "PRAGMA wal_autocheckpoint = 100"  # pages after which the log is folded into the file: also while commands come


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/store.db"


async def lived_through(folder: Path) -> list[Cut]:
    """Open a store, send commands, close; return what every moment would have left on the disk."""
    acknowledged: set[str] = set()
    often = mock.patch.object(connection, "_PRAGMAS", (*connection._PRAGMAS, OFTEN))
    with PowerCut(lambda: frozenset(acknowledged)).installed() as disk, often:
        store = await EntityStore.open(url(folder), service="notes")
        await send_all(store, LANES, LENGTH, acknowledged.add)
        await store.close()
    assert len(acknowledged) == len(LANES) * LENGTH
    return disk.cuts


async def first_loss(cuts: list[Cut], folder: Path) -> str | None:
    """Start from what each cut leaves; tell of the first that lost something or left something half."""
    for number, cut in enumerate(cuts):
        for variant, place in cut.leaves(folder / str(number)):
            store = await EntityStore.open(url(place), service="notes")
            try:
                await judged(store, cut.acknowledged)
                assert await store.database.read("SELECT * FROM pragma_integrity_check") == [("ok",)]
            except AssertionError as error:
                return f"cut {number} of {len(cuts)}, {variant}: {error}"
            finally:
                await store.close()
    return None


async def test_every_acknowledged_command_outlives_a_power_cut_at_any_sync_and_none_is_half(tmp_path: Path) -> None:
    cuts = await lived_through(tmp_path / "life")
    assert len({cut.acknowledged for cut in cuts}) >= LENGTH
    assert any(cut.acknowledged and cut.files["store.db"].pending for cut in cuts[:-4]), "never folded in between"
    assert await first_loss(cuts, tmp_path / "after") is None


async def test_after_the_cut_the_same_commands_go_on_and_take_effect_once(tmp_path: Path) -> None:
    cuts = await lived_through(tmp_path / "life")
    for number, cut in enumerate(cuts[:: max(1, len(cuts) // 4)]):
        for _, place in cut.leaves(tmp_path / str(number)):
            acknowledged: set[str] = set()
            store = await EntityStore.open(url(place), service="notes")
            await send_all(store, LANES, LENGTH, acknowledged.add)
            assert await judged(store, frozenset(acknowledged)) == {key for lane in LANES for key in keys(lane, LENGTH)}
            await store.close()


MUTANTS = {
    "the log is not synced at each commit": ("_PRAGMAS", ("PRAGMA synchronous = NORMAL",)),
    "the folder is not synced at the switch to the log": ("_FOR_THE_SWITCH", "PRAGMA synchronous = FULL"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_store_that_syncs_less_is_caught(mutant: str, tmp_path: Path) -> None:
    """The judge finds what was promised and lost."""
    with mock.patch.object(connection, *MUTANTS[mutant]):
        cuts = await lived_through(tmp_path / "life")
    lost = await first_loss(cuts, tmp_path / "after")
    assert lost is not None
    assert "lost:" in lost
