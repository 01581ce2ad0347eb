"""One line of the attack suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from e2e.attacks.answer import Answer
from e2e.attacks.world import AttackWorld

Send = Callable[[AttackWorld], Answer]
"""Sends the attack, and returns what it was answered with. It prepares what it needs through the world."""
Harmless = Callable[[AttackWorld, Answer], None]
"""Fails when the attack did something after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What is tried (`name`), what is `sent` (in words, for the reference), and the refusal expected.

    `status` are the statuses that refuse it; `problem` is the slug of the problem document, if it is one. `status`
    200 is for what is answered as if nothing had been asked (a page without a session): then `harmless` must say how
    one can tell. `closed` lets the server end the connection instead. `refusal` is for the reference.
    """

    name: str
    sent: str
    send: Send
    refusal: str
    status: tuple[int, ...]
    problem: str | None = None
    closed: bool = False
    harmless: Harmless | None = None

    def run(self, world: AttackWorld) -> None:
        """Send it; fail unless it is refused as the line says and has done nothing."""
        answer = self.send(world)
        if answer.status is None:
            assert self.closed, f"{self.name}: the connection ended without an answer"
        else:
            assert answer.status in self.status, f"{self.name}: {answer}"
            if self.problem is not None:
                assert answer.problem == self.problem, f"{self.name}: {answer}"
        if self.harmless is not None:
            self.harmless(world, answer)
        world.check_alive()
