"""Plays a schedule in a real browser, heals everything, lets the person decide what is theirs to decide, and judges."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from e2e.ledger.breaking import harm
from e2e.ledger.desk import Desk
from e2e.ledger.schedule import Break, Happens, Queue, Schedule, Wish
from e2e.ledger.verdict import Told, complaints

# Takes as long as it takes, while other things happen: the new worker takes over once it is installed, if it may.
UPDATE = """() => {
  const activate = (worker) => worker.state === 'installed' && worker.postMessage({ v: 1, kind: 'activate' });
  navigator.serviceWorker.getRegistration('/').then(async (registration) => {
    await registration?.update();
    const fresh = registration?.installing ?? registration?.waiting;
    fresh?.addEventListener('statechange', () => activate(fresh));
    if (fresh) activate(fresh);
  }).catch(() => {});
}"""
BLIND = "(wishes) => { void document.querySelector('#desk').queueAll(wishes).catch(() => {}); }"


class Run:
    """One schedule, once. `judge` plays it and says what is wrong."""

    def __init__(self, desk: Desk, schedule: Schedule) -> None:
        self._desk = desk
        self._world = desk.world
        self._schedule = schedule
        self._told: dict[str, Told] = {}
        self._random = Random(schedule.seed + 1)
        self._happens: Mapping[str, Callable[[], None]] = {
            "heal": self._world.heal,
            "send now": self._send_now,
            "stop worker": desk.stop_worker,
            "reload": desk.try_to_open,
            "second tab": desk.second_tab,
            "close tab": desk.close_tab,
            "update worker": self._update_worker,
            "kill bff": self._kill_bff,
            "kill browser": self._kill_browser,
            "expire session": desk.expire,
        }

    def judge(self) -> list[str]:
        """Everything that is wrong, in words."""
        for step in self._schedule.steps:
            match step:
                case Queue():
                    self._queue(step)
                case Break():
                    harm(self._world.proxy, step)
                case Happens():
                    self._survive(self._happens[step.what])
        left = self._settled()
        found = self._complaints(left)
        for _ in self._schedule.wishes:  # behind what was decided, the next may ask for a decision
            if not left:
                break
            self._decide(left)
            left = self._settled()
            found += self._complaints(left)
        return [*found, *(f"{_mark(one)} stays {one['state']}" for one in left)]

    def _queue(self, step: Queue) -> None:
        calls = [_as_call(wish) for wish in step.wishes]
        kept: list[str] = []
        try:
            if step.blind:
                self._desk.evaluate(BLIND, calls, tab=step.tab)
            else:
                kept = self._desk.call("queueAll", calls, tab=step.tab)
        except PlaywrightTimeout:
            self._give_up()  # before it could be asked for
        except Error:
            kept = []  # the page is not there: nobody was told anything
        for wish in step.wishes:
            self._told[wish.mark] = Told(wish.mark, wish.lane, wish.mark in kept)

    def _send_now(self) -> None:
        """Ask for it, and go on at once."""
        script = "() => { void document.querySelector('#desk')?.outbox.sendNow().catch(() => {}); }"
        self._desk.evaluate(script)

    def _update_worker(self) -> None:
        self._world.release_worker()
        self._desk.evaluate(UPDATE)

    def _kill_bff(self) -> None:
        self._world.bff.kill()
        self._world.bff.begin()

    def _survive(self, happens: Callable[[], None]) -> None:
        """A browser that dies of what is done to it, or holds on to a page for ever, is one more crash."""
        try:
            happens()
        except PlaywrightTimeout:
            self._give_up()
        except Error:
            if not self._desk.is_dead:
                raise
            self._kill_browser()

    def _kill_browser(self) -> None:
        """The browser dies; the person comes back when there is a network again."""
        self._desk.kill()
        self._begin_again()

    def _give_up(self) -> None:
        """The same, for the person ends it; the desk counts how often."""
        self._desk.give_up()
        self._begin_again()

    def _begin_again(self) -> None:
        self._world.heal()
        self._desk.start()

    def _settled(self) -> list[dict[str, Any]]:
        """Everything works again; what is left when all that could be sent was sent."""
        self._world.heal()
        self._world.bff.wait_until_ready()
        self._desk.come_back()
        entries: list[dict[str, Any]] = self._desk.call("settle")
        return entries

    def _complaints(self, entries: list[dict[str, Any]]) -> list[str]:
        waiting = {_mark(entry) for entry in entries}
        return complaints(list(self._told.values()), waiting, self._world.lines(self._schedule.name))

    def _decide(self, entries: list[dict[str, Any]]) -> None:
        """The person takes back or mends what was refused."""
        for entry in entries:
            if entry["state"] != "failed":
                continue
            mark = _mark(entry)
            if self._random.random() < 0.5:
                self._desk.outbox("discard", entry["key"])
                self._told[mark] = Told(mark, self._told[mark].lane, kept=True, discarded=True)
            else:
                self._desk.outbox("edit", entry["key"], _mended(json.loads(entry["body"])))


def _as_call(wish: Wish) -> dict[str, Any]:
    return {
        "place": wish.place,
        "mark": wish.mark,
        "lane": wish.lane,
        "refuse": wish.refuse,
        "times": wish.times,
        "graphql": wish.graphql,
    }


def _mark(entry: Mapping[str, Any]) -> str:
    """The mark in a command's description: `Write s1-0`."""
    return str(entry["describe"]).partition(" ")[2]


def _mended(body: dict[str, Any]) -> dict[str, Any]:
    """The same command, that asks for no refusal any more."""
    if "variables" in body:
        return {**body, "variables": {**body["variables"], "refuse": None}}
    return {**body, "refuse": None}
