"""People who order, cook and bring while the platform under them is harmed."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Final

from e2e.chaos.oracle import findings
from e2e.chaos.orders import Customer, Fate, Placed
from e2e.chaos.person import Person
from e2e.chaos.robots import Robot, cook, courier
from e2e.chaos.stores import Stores
from e2e.stack import Stack

CUSTOMERS: Final = ("ada", "alan", "grace")
COOKS: Final = ("mario", "odile", "hana")
COURIERS: Final = ("karim",)


class ChaosWorld:
    """A platform and its people, who are signed in and at work for as long as the block runs."""

    def __init__(self, stack: Stack, *, customers: Sequence[str] = CUSTOMERS) -> None:
        self.stack = stack
        self.stores = Stores(stack.data_dir)
        self.placed: list[Placed] = []
        self._customers = customers
        self._wishes: queue.Queue[tuple[str, Fate]] = queue.Queue()
        self._changed = threading.Condition()
        self._robots: list[Robot] = []
        self._running = ExitStack()

    def __enter__(self) -> ChaosWorld:
        with ExitStack() as running:
            for sub in self._customers:
                customer = Customer(self._person(running, sub))
                self._robots.append(Robot(sub, partial(self._order, customer)))
            for work, subs in ((cook, COOKS), (courier, COURIERS)):
                self._robots += [Robot(sub, partial(work, self._person(running, sub))) for sub in subs]
            for robot in self._robots:
                robot.start()
            self._running = running.pop_all()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        with self._running:
            for robot in self._robots:
                robot.leave()
            if error is None:
                for robot in self._robots:
                    robot.check()

    def wish(self, wishes: Iterable[tuple[str, Fate]]) -> int:
        """Have orders placed by whoever is free; returns how many."""
        count = 0
        for wish in wishes:
            self._wishes.put(wish)
            count += 1
        return count

    def until_placed(self, count: int, *, within_s: float) -> None:
        """Wait until so many orders were answered."""
        deadline = time.monotonic() + within_s
        with self._changed:
            while len(self.placed) < count:
                self._check()
                assert time.monotonic() < deadline, f"{len(self.placed)} of {count} orders in {within_s:.0f} s"
                self._changed.wait(1)

    def until_quiet(self, *, within_s: float, late: bool = False) -> None:
        """Wait until the oracle has nothing to say any more; raises what it says at the end."""
        deadline = time.monotonic() + within_s
        while found := findings(self.stores, self.placed, late=late):
            self._check()
            assert time.monotonic() < deadline, f"after {within_s:.0f} s:\n" + "\n".join(found)
            time.sleep(1)  # polling files

    def _check(self) -> None:
        for robot in self._robots:
            robot.check()

    def _person(self, running: ExitStack, sub: str) -> Person:
        person = Person(self.stack.url, sub)
        running.callback(person.close)
        return person.sign_in()

    def _order(self, customer: Customer) -> None:
        while True:
            try:
                wish = self._wishes.get_nowait()
            except queue.Empty:
                return
            order = customer.order(*wish)
            with self._changed:
                self.placed.append(order)
                self._changed.notify_all()
