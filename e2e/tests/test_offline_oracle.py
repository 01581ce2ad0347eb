"""The schedules find what they are there to find: a server that forgets keys, and a client that forgets commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.ledger.desk import Desk
from e2e.ledger.run import Run
from e2e.ledger.schedule import Break, FaultKind, Happens, Queue, Schedule, Wish, make
from e2e.ledger.world import LedgerWorld
from e2e.tests.conftest import NewDesk

FIRST = 2_000_000_000  # seeds that no other test takes
MOST = 25
# A client of the kind that deletes first and sends then: whatever comes back, it takes for an acknowledgement.
CARELESS = """
const real = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  const key = options?.headers?.['Idempotency-Key'] ?? new Headers(options?.headers).get('Idempotency-Key');
  if (!key) return real(url, options);
  const answer = await real(url, options).catch(() => null);
  if (answer?.ok && answer.headers.has('Portico-Receipt')) return answer;
  return new Response('{}', { headers: { 'Content-Type': 'application/json', 'Portico-Receipt': key } });
};
"""


def first_complaints(desk: Desk) -> list[str]:
    """What is wrong with the first schedule with which something is wrong."""
    gentle = {"kill browser", "expire session", "update worker"}  # what these find, the others find as well, and sooner
    for seed in range(FIRST, FIRST + MOST):
        schedule = make(seed)
        steps = [step for step in schedule.steps if not (isinstance(step, Happens) and step.what in gentle)]
        if found := Run(desk, Schedule(seed, tuple(steps), schedule.wishes)).judge():
            return found
    return []


def test_a_server_that_forgets_keys_is_found(new_desk: NewDesk, tmp_path: Path) -> None:
    """Each delivery runs again there, so a reply that is lost doubles the effect."""
    with LedgerWorld(tmp_path, factory="create_forgetful_app") as forgetful:
        complaints = first_complaints(new_desk(forgetful))
    assert [complaint for complaint in complaints if complaint.endswith("took effect 2 times")]


def test_a_client_that_forgets_commands_is_found(new_desk: NewDesk) -> None:
    """It confirms, and then takes a failure for a success."""
    complaints = first_complaints(new_desk(worker=False, init_script=CARELESS))
    assert [complaint for complaint in complaints if complaint.endswith("is lost")]


@pytest.mark.parametrize(
    ("seed", "kind"), [(1, "cut_before_reply"), (2, "stale_before_reply"), (3, "cut_mid_body")], ids=str
)
def test_the_same_faults_do_no_harm_to_the_real_one(new_desk: NewDesk, seed: int, kind: FaultKind) -> None:
    """The very faults that the forgetful server doubles leave one line here."""
    number = FIRST - seed
    wishes = tuple(Wish(f"s{number}-{each}", f"s{number}-a", graphql=bool(each % 2)) for each in range(4))
    steps = (Break(kind, 3), Queue(wishes), Happens("send now"))
    assert Run(new_desk(), Schedule(number, steps, wishes)).judge() == []
