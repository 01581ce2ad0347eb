"""The browser, the BFF and the platform die at every step of a command's way; the ledger has it once all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from e2e.ledger.breaking import COMMANDS
from e2e.ledger.desk import Desk
from e2e.ledger.world import LedgerWorld
from e2e.tests.conftest import NewDesk

# Keeps every other transaction on the outbox waiting, so that nothing of an answer can be written down.
OCCUPY = """async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith('portico:'));
  const db = await new Promise((resolve) => {
    indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result);
  });
  const work = db.transaction([...db.objectStoreNames], 'readwrite');
  const store = work.objectStore('entries');
  const again = () => {
    store.count().onsuccess = again;
  };
  await new Promise((resolve) => {
    store.count().onsuccess = () => {
      again();
      resolve();
    };
  });
}"""


# Until a newer worker has been installed, and waits.
INSTALLED = """async () => {
  const registration = await navigator.serviceWorker.getRegistration('/');
  const fresh = registration.installing;
  if (fresh) await new Promise((resolve) => fresh.addEventListener('statechange', resolve, { once: true }));
}"""


@contextmanager
def reading_past_the_worker(desk: Desk) -> Iterator[None]:
    """What the first tab asks for meanwhile is no event of its worker's.

    An event that comes while Chromium ends a worker, so that a newer one can take over, starts it again. The newer one
    then waits until the other has had nothing to do for 30 s; with a debugger attached, as here, for five minutes.
    """
    network = desk.context.new_cdp_session(desk.tab())
    network.send("Network.enable")
    network.send("Network.setBypassServiceWorker", {"bypass": True})
    try:
        yield
    finally:
        network.detach()


def queue(desk: Desk, *marks: str, lane: str | None = None) -> None:
    """Do things; each is confirmed to the person."""
    wishes = [{"place": lane or "anywhere", "mark": mark, "lane": lane} for mark in marks]
    assert desk.call("queueAll", wishes) == list(marks)


def once(desk: Desk, prefix: str) -> list[str]:
    """Everything works again: the marks in the ledger once nothing waits any more."""
    desk.world.heal()
    desk.world.bff.wait_until_ready()
    desk.come_back()
    assert desk.call("settle") == []
    return [mark for _, mark in desk.world.lines(prefix)]


def test_killed_before_delivery(world: LedgerWorld, new_desk: NewDesk) -> None:
    """The request never left; the command is there after the crash, and is sent."""
    desk = new_desk()
    held = world.proxy.hold_before_delivery(*COMMANDS)
    queue(desk, "k1-a")
    held.wait()
    desk.kill()
    assert world.lines("k1-") == []
    assert once(desk, "k1-") == ["k1-a"]


@pytest.mark.parametrize("graphql", [False, True])
def test_killed_after_the_commit_and_before_the_reply(world: LedgerWorld, new_desk: NewDesk, *, graphql: bool) -> None:
    """The server has done it and nobody knows; the same key brings the answer, and nothing is done again."""
    desk, prefix = new_desk(), f"k2{graphql}-"
    held = world.proxy.hold_before_reply(*COMMANDS)
    desk.call("queue", {"place": "x", "mark": f"{prefix}a", "graphql": graphql})
    held.wait()
    desk.kill()
    assert world.lines(prefix) == [("x", f"{prefix}a")]
    assert once(desk, prefix) == [f"{prefix}a"]
    keys = {one.headers["idempotency-key"] for one in world.proxy.journal.delivered(*COMMANDS)[-2:]}
    assert len(keys) == 1


def test_killed_in_mid_body(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Half an answer is no answer."""
    desk = new_desk()
    held = world.proxy.hold_mid_body(*COMMANDS, after=5)
    queue(desk, "k3-a", "k3-b", lane="k3")
    held.wait()
    desk.kill()
    assert once(desk, "k3-") == ["k3-a", "k3-b"]


def test_killed_after_the_reply_and_before_it_was_written_down(world: LedgerWorld, new_desk: NewDesk) -> None:
    """The browser has the whole answer, and dies before it could delete the entry."""
    desk = new_desk()
    held = world.proxy.hold_before_reply(*COMMANDS)
    queue(desk, "k4-a")
    held.wait()
    desk.tab().evaluate(OCCUPY)
    held.release()
    world.proxy.journal.wait_for(lambda journal: journal.all(*COMMANDS)[-1].answered)
    desk.kill()
    desk.start()
    assert once(desk, "k4-") == ["k4-a"]
    first, second = world.proxy.journal.delivered(*COMMANDS)[-2:]
    assert first.answered
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_killed_before_anything_was_confirmed(world: LedgerWorld, new_desk: NewDesk) -> None:
    """What nobody was told may be there or not, but never twice."""
    desk = new_desk()
    desk.tab().evaluate("() => void document.querySelector('#desk').queue({ place: 'x', mark: 'k5-a' })")
    desk.kill()
    assert once(desk, "k5-") in ([], ["k5-a"])


def test_the_server_restarts_between_any_two_steps(world: LedgerWorld, new_desk: NewDesk) -> None:
    """The BFF is killed after each commit, before its answer is through."""
    desk, marks = new_desk(), [f"k6-{number}" for number in range(3)]
    rules = [world.proxy.hold_before_reply(*COMMANDS) for _ in marks][::-1]  # the last that was set goes first
    queue(desk, *marks, lane="k6")
    for rule in rules:
        desk.tab().evaluate("() => void document.querySelector('#desk').outbox.sendNow()")
        rule.wait()
        world.bff.kill()
        rule.release()
        world.bff.start()
    assert once(desk, "k6-") == marks


def test_the_whole_platform_restarts_with_work_under_way(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Host, hub and sign-in go away with an answer in the air, and come back on the same state."""
    desk = new_desk()
    held = world.proxy.hold_before_reply(*COMMANDS)
    queue(desk, "k7-a", "k7-b", lane="k7")
    held.wait()
    world.stack.kill()
    held.release()
    queue(desk, "k7-c", lane="k7")
    world.stack.start()
    assert once(desk, "k7-") == ["k7-a", "k7-b", "k7-c"]


def test_a_worker_update_in_the_middle_of_sending(world: LedgerWorld, new_desk: NewDesk) -> None:
    """The new worker waits until nothing is under way, then takes over; nothing is sent twice."""
    desk = new_desk()
    states = """async () => {
      const { waiting, active } = await navigator.serviceWorker.getRegistration('/');
      return { waiting: waiting?.state ?? null, active: active.state };
    }"""
    page = desk.tab()
    held = world.proxy.hold_before_reply(*COMMANDS)
    queue(desk, "k8-a", "k8-b", lane="k8")
    held.wait()
    world.release_worker()
    page.evaluate("async () => void (await (await navigator.serviceWorker.getRegistration('/')).update())")
    page.evaluate(INSTALLED)
    page.evaluate(
        """async () => {
          window.changes = 0;
          navigator.serviceWorker.addEventListener('controllerchange', () => (window.changes += 1));
          const { waiting } = await navigator.serviceWorker.getRegistration('/');
          waiting.postMessage({ v: 1, kind: 'activate' });
        }"""
    )
    assert page.evaluate(states) == {"waiting": "installed", "active": "activated"}
    with reading_past_the_worker(desk):
        held.release()
        page.wait_for_function("() => window.changes === 1")
    assert once(desk, "k8-") == ["k8-a", "k8-b"]
