"""The run itself: orders, a hub that is away for a while, and every process killed once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.chaos.orders import Fate, Placed, wishes
from e2e.chaos.processes import HUB, Processes
from e2e.chaos.stores import Stores
from e2e.chaos.world import CUSTOMERS, ChaosWorld
from e2e.stack import ROOT, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is ordered, for how long the hub is away at least, and how long all may take to come to rest.

    One order of each fate comes last, when all runs again: whatever the harm has held up, these meet their fates.

    `late`: the hub is away for longer than restaurants may take to answer, so any order may expire.
    """

    fates: Mapping[Fate, int]
    away_s: float
    patience_s: float
    late: bool = False
    environment: Mapping[str, str]
    more_customers: int = 0


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left on disk when all has ended, and what was ordered."""

    stores: Stores
    placed: list[Placed]
    killed: list[str]


def run(folder: Path, plan: Plan) -> Aftermath:
    """Harm the platform while people use it; returns when all is quiet and nothing runs any more."""
    crowd = [f"customer-{number:02}" for number in range(plan.more_customers)]
    stack = Stack(
        folder / "portico",
        environment=dict(plan.environment),
        arguments=["--split", "--people", str(_people(folder, crowd))],
        start_limit_s=plan.patience_s,
    )
    all_wishes = list(wishes(dict(plan.fates)))  # one of each fate comes first
    calm, harmed = all_wishes[: len(plan.fates)], all_wishes[len(plan.fates) :]
    stack.start()
    try:
        processes = Processes(stack.data_dir)
        processes.until_running()
        with ChaosWorld(stack, customers=[*CUSTOMERS, *crowd]) as world:
            killed = _harm(world, harmed, processes, plan)
            processes.until_running(restarts=1)
            world.wish(calm)
            world.until_placed(len(all_wishes), within_s=plan.patience_s)
            world.until_quiet(within_s=plan.patience_s, late=plan.late)
    finally:
        stack.stop()
    return Aftermath(world.stores, world.placed, killed)


def _people(folder: Path, crowd: Sequence[str]) -> Path:
    """Who can sign in: the people of the demonstration, and a crowd of customers."""
    known = json.loads((ROOT / "microapps" / "people.json").read_text())
    more = [{"sub": sub, "name": sub, "email": f"{sub}@example.com", "roles": ["customer"]} for sub in crowd]
    file = folder / "people.json"
    file.write_text(json.dumps([*known, *more]))
    return file


def _harm(world: ChaosWorld, wanted: Sequence[tuple[str, Fate]], processes: Processes, plan: Plan) -> list[str]:
    """A third of the orders before, a third while the hub is away and half of all die, a third while the others die."""
    third = len(wanted) // 3
    others = [name for name in processes.names if name != HUB]
    first, second = others[::2], [*others[1::2], HUB]

    count = world.wish(wanted[:third])
    world.until_placed(count // 2, within_s=plan.patience_s)
    with processes.halted(HUB):
        returns = time.monotonic() + plan.away_s
        count += world.wish(wanted[third : 2 * third])
        for name in first:
            processes.kill(name)
        world.until_placed(count - third // 2, within_s=plan.patience_s)
        time.sleep(max(0.0, returns - time.monotonic()))  # it is away for as long as was said
    count += world.wish(wanted[2 * third :])
    for number, name in enumerate(second, start=1):
        processes.kill(name)
        world.until_placed(2 * third + number * third // len(second) // 2, within_s=plan.patience_s)
    world.until_placed(count, within_s=plan.patience_s)
    return [*first, *second]
