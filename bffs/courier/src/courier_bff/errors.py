"""What is refused to a courier, each with a stable code and a sentence for them; mapped once, at the edge."""

from typing import ClassVar


class CourierError(Exception):
    """A rule says no. ``str(error)`` may be shown to the person; ``code`` never changes."""

    code: ClassVar[str] = "courier"


class UnknownJob(CourierError):
    """There is no such job for this fleet."""

    code: ClassVar[str] = "unknown-job"

    def __init__(self) -> None:
        super().__init__("This order is not one of yours to bring.")


class NotReady(CourierError):
    """Only what is ready, and with nobody yet, can be picked up."""

    code: ClassVar[str] = "job-not-ready"

    def __init__(self) -> None:
        super().__init__("This order is not waiting to be picked up.")


class NotPickedUp(CourierError):
    """Only what was picked up can be delivered, once."""

    code: ClassVar[str] = "job-not-picked-up"

    def __init__(self) -> None:
        super().__init__("Only an order that was picked up, and is not delivered yet, can be delivered.")


class NotYours(CourierError):
    """Another courier has it."""

    code: ClassVar[str] = "job-not-yours"

    def __init__(self) -> None:
        super().__init__("Another courier has this order.")
