"""Randomised schedules: short programs of what people do and what happens to them. A seed is always the same one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias, get_args

LANES = ("a", "b", "c")
FATAL = (403, 422)
PASSING = (408, 429, 500, 503)


@dataclass(frozen=True, slots=True)
class Wish:
    """A command: where its line goes, its mark, and how it is refused, if it is. In no lane if `lane` is `None`."""

    mark: str
    lane: str | None
    graphql: bool = False
    refuse: int | None = None
    times: int | None = None

    @property
    def place(self) -> str:
        """The ledger's place is the lane; commands in no order have one of their own."""
        return self.lane or "anywhere"

    @property
    def fatal(self) -> bool:
        """Whether the person must decide in the end."""
        return self.refuse in FATAL


@dataclass(frozen=True, slots=True)
class Queue:
    """The person does things, one after another, in the tab `tab`.

    `blind`: what comes next happens before they were told anything, so nothing was promised.
    """

    wishes: tuple[Wish, ...]
    tab: int = 0
    blind: bool = False


FaultKind = Literal[
    "cut_before_delivery",
    "cut_before_reply",
    "cut_mid_body",
    "stale_before_delivery",
    "stale_before_reply",
    "captive_portal",
    "captive_redirect",
    "gateway_503",
    "bare_502",
    "slow",
    "black_hole",
    "refuse",
]


@dataclass(frozen=True, slots=True)
class Break:
    """The network fails for the next `times` commands, or until it heals (`None`)."""

    kind: FaultKind
    times: int | None


@dataclass(frozen=True, slots=True)
class Happens:
    """Something that needs no details."""

    what: Literal[
        "heal",
        "send now",
        "stop worker",
        "reload",
        "second tab",
        "close tab",
        "update worker",
        "kill bff",
        "kill browser",
        "expire session",
    ]


Step: TypeAlias = Queue | Break | Happens


def _fault(random: Random) -> Break:
    kind: FaultKind = random.choice(get_args(FaultKind))
    return Break(kind, None if kind == "refuse" else random.choice((1, 1, 2, 3, None)))


# How often each comes, of about a hundred.
_OFTEN: tuple[tuple[int, Callable[[Random], Step]], ...] = (
    (24, _fault),
    (8, lambda _: Happens("heal")),
    (12, lambda _: Happens("send now")),
    (8, lambda _: Happens("stop worker")),
    (5, lambda _: Happens("reload")),
    (4, lambda _: Happens("second tab")),
    (4, lambda _: Happens("close tab")),
    (2, lambda _: Happens("update worker")),
    (2, lambda _: Happens("kill bff")),
    (1, lambda _: Happens("kill browser")),
    (2, lambda _: Happens("expire session")),
)
_QUEUEING = 36


@dataclass(frozen=True)
class Schedule:
    """A program. `name` begins every mark, so that the ledger can be asked for this schedule's lines alone."""

    seed: int
    steps: tuple[Step, ...]
    wishes: tuple[Wish, ...] = field(default=())

    @property
    def name(self) -> str:
        """What every mark begins with."""
        return f"s{self.seed}-"


def make(seed: int) -> Schedule:
    """The program of a seed: it begins with something to send, and has three to eight more steps."""
    random = Random(seed)
    wishes: list[Wish] = []

    def queue() -> Queue:
        blind = random.random() < 0.15
        count = random.choice((1, 1, 2, 3, 4))
        fresh = [_wish(random, seed, len(wishes) + number, laned=not blind) for number in range(count)]
        wishes.extend(fresh)
        return Queue(tuple(fresh), tab=random.randrange(2), blind=blind)

    # Half begin in a network that fails already.
    steps: list[Step] = [_fault(random)] if random.random() < 0.5 else []
    steps.append(queue())
    weights = [_QUEUEING, *(weight for weight, _ in _OFTEN)]
    makers = [lambda _random: queue(), *(maker for _, maker in _OFTEN)]
    steps += [maker(random) for maker in random.choices(makers, weights, k=random.randint(3, 8))]
    return Schedule(seed, tuple(steps), tuple(wishes))


def _wish(random: Random, seed: int, number: int, *, laned: bool) -> Wish:
    refuse, times = None, None
    chance = random.random()
    if chance < 0.10:
        refuse, times = random.choice(PASSING), random.choice((1, 1, 2))
    elif chance < 0.15:
        refuse = random.choice(FATAL)
    lane = random.choice((*LANES, None)) if laned else None
    return Wish(f"s{seed}-{number}", lane and f"s{seed}-{lane}", random.random() < 0.3, refuse, times)
