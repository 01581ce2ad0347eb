"""What can be added up and taken away again: sums, not averages."""

from collections.abc import Iterable, Mapping

import msgspec

Took = tuple[int, int]
"""How many were timed, and how many milliseconds they took together."""


class Sums(msgspec.Struct, frozen=True):
    """What orders come to. ``revenue`` is in minor units by currency, of what was completed.

    ``paid`` is what was charged for them, ``refunded`` what of it went back; ``failed`` payments were not taken.
    """

    orders: int = 0
    completed: int = 0
    revenue: dict[str, int] = {}
    cancelled: dict[str, int] = {}
    accept: Took = (0, 0)
    ready: Took = (0, 0)
    deliver: Took = (0, 0)
    paid: dict[str, int] = {}
    refunded: dict[str, int] = {}
    failed: int = 0

    def plus(self, other: "Sums", sign: int = 1) -> "Sums":
        """Both together; with ``sign`` -1, this without the other."""
        return Sums(
            self.orders + sign * other.orders,
            self.completed + sign * other.completed,
            _added(self.revenue, other.revenue, sign),
            _added(self.cancelled, other.cancelled, sign),
            _timed(self.accept, other.accept, sign),
            _timed(self.ready, other.ready, sign),
            _timed(self.deliver, other.deliver, sign),
            _added(self.paid, other.paid, sign),
            _added(self.refunded, other.refunded, sign),
            self.failed + sign * other.failed,
        )

    def minus(self, other: "Sums") -> "Sums":
        """This without the other."""
        return self.plus(other, -1)


def total(sums: Iterable[Sums]) -> Sums:
    """All of them together."""
    together = Sums()
    for one in sums:
        together = together.plus(one)
    return together


def _added(one: Mapping[str, int], other: Mapping[str, int], sign: int) -> dict[str, int]:
    both = {key: one.get(key, 0) + sign * other.get(key, 0) for key in (*one, *other)}
    return {key: both[key] for key in sorted(both) if both[key]}


def _timed(one: Took, other: Took, sign: int) -> Took:
    return one[0] + sign * other[0], one[1] + sign * other[1]
