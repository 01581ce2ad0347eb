"""Cooks and couriers who never rest: each does what there is to do, and looks again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from e2e.chaos.orders import Fate
from e2e.chaos.person import Person

LOOK_AGAIN_S: Final = 0.3

QUEUE: Final = "{ queue { id version status note } }"
ACCEPT: Final = "mutation A($id: ID!, $version: Int!) { accept(id: $id, version: $version) { id } }"
READY: Final = "mutation R($id: ID!, $version: Int!) { ready(id: $id, version: $version) { id } }"
REJECT: Final = "mutation J($id: ID!, $version: Int!) { reject(id: $id, version: $version, reason: SOLD_OUT) { id } }"

JOBS: Final = "{ ready { id version } withMe { id version } }"
PICK_UP: Final = "mutation P($id: ID!, $version: Int!) { pickUp(id: $id, version: $version) { id } }"
DELIVER: Final = "mutation D($id: ID!, $version: Int!) { deliver(id: $id, version: $version) { id } }"


def cook(person: Person) -> None:
    """Accept what is new, finish what was accepted, reject and ignore what says so."""
    for task in person.read("kitchen", QUEUE)["queue"]:
        if task["status"] == "ACCEPTED":
            _do(person, "kitchen", READY, task)
        elif task["note"] == Fate.REJECT.value:
            _do(person, "kitchen", REJECT, task)
        elif task["note"] != Fate.IGNORE.value:
            _do(person, "kitchen", ACCEPT, task)


def courier(person: Person) -> None:
    """Deliver what one has, and take along what waits."""
    jobs = person.read("courier", JOBS)
    for job in jobs["withMe"]:
        _do(person, "courier", DELIVER, job)
    for job in jobs["ready"]:
        _do(person, "courier", PICK_UP, job)


def _do(person: Person, app: str, mutation: str, what: dict[str, Any]) -> None:
    """Refused is what somebody did, or time has taken away, since one looked."""
    person.command(app, mutation, {"id": what["id"], "version": what["version"]})


class Robot:
    """Somebody's work in a thread of its own, until it is stopped. What goes wrong in it is raised then."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._work = work
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Robot:
        self._thread.start()
        return self

    def leave(self) -> None:
        """Have it end, and wait until it has."""
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what ended it, if something did."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._stop.wait(LOOK_AGAIN_S):
                self._work()
        except BaseException as error:  # noqa: BLE001 (raised again by check())
            self._error = error
