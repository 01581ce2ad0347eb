"""Whatever dies while orders are under way: each has one end, the ledger balances, and the lake has every event."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from e2e.chaos.mutants import MUTANTS, copied, expected, mutated
from e2e.chaos.oracle import ends_of, findings
from e2e.chaos.orders import Fate
from e2e.chaos.run import Aftermath, Plan, run

pytestmark = pytest.mark.timeout(900)
"""The run is of real processes, which start twice each; what must happen within which time, each wait says."""

SHORT = Plan(
    fates={Fate.DELIVER: 8, Fate.REJECT: 4, Fate.TOO_DEAR: 3, Fate.IGNORE: 2},
    away_s=3,
    patience_s=100,
    late=True,
    environment={"FULFILMENT_ACCEPT_MINUTES": "0.5"},
)
LONG = Plan(
    fates={Fate.DELIVER: 180, Fate.REJECT: 50, Fate.TOO_DEAR: 35, Fate.IGNORE: 35},
    away_s=60,
    patience_s=400,
    late=True,
    environment={"FULFILMENT_ACCEPT_MINUTES": "1"},
    more_customers=9,
)


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """What a run has left: the hub was away for seconds, and every process was killed once."""
    return run(tmp_path_factory.mktemp("chaos"), SHORT)


def test_each_order_has_one_end_the_ledger_balances_and_the_lake_has_every_event(aftermath: Aftermath) -> None:
    """Also of those that no restaurant answers: they expire, and so may one whose answer is held up by the harm."""
    assert findings(aftermath.stores, aftermath.placed, late=SHORT.late) == []
    ends = {end for ended in ends_of(aftermath.stores).values() for end in ended}
    assert ends == {"completed", "rejected", "payment-failed", "expired"}
    assert {"host", "sign-in", "hub", "lake", "payments-sandbox", "checkout", "fulfilment"} <= set(aftermath.killed)


def test_the_oracle_finds_nothing_in_a_mere_copy(aftermath: Aftermath, tmp_path: Path) -> None:
    assert findings(copied(aftermath, tmp_path), aftermath.placed, late=SHORT.late) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_the_oracle_finds_whatever_is_wrong(name: str, aftermath: Aftermath, tmp_path: Path) -> None:
    found = findings(mutated(aftermath, tmp_path, name), aftermath.placed, late=SHORT.late)
    assert any(expected(name) in finding for finding in found), found


@pytest.mark.soak
def test_the_hub_is_away_for_a_minute_and_every_process_is_killed_once_under_hundreds_of_orders(tmp_path: Path) -> None:
    """Restaurants have a minute to answer: those that never do, and those whose answer waits for the hub, expire."""
    left = run(tmp_path, LONG)
    assert findings(left.stores, left.placed, late=True) == []
    ends = Counter(end for ended in ends_of(left.stores).values() for end in ended)
    assert len(left.placed) == ends.total() == sum(LONG.fates.values())
    assert ends["payment-failed"] == LONG.fates[Fate.TOO_DEAR]
    assert ends["expired"] >= LONG.fates[Fate.IGNORE]
    assert min(ends["completed"], ends["rejected"]) > 0
