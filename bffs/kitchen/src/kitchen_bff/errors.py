"""What the kitchen refuses, each with a stable code and a sentence for the cook; mapped once, at the edge."""

from typing import ClassVar


class KitchenError(Exception):
    """A rule says no. ``str(error)`` may be shown to the person; ``code`` never changes."""

    code: ClassVar[str] = "kitchen"


class UnknownTask(KitchenError):
    """There is no such task in this restaurant."""

    code: ClassVar[str] = "unknown-task"

    def __init__(self) -> None:
        super().__init__("This order is not in your queue.")


class NotNew(KitchenError):
    """Only a new task can be accepted or rejected."""

    code: ClassVar[str] = "task-not-new"

    def __init__(self) -> None:
        super().__init__("This order has been answered already.")


class NotAccepted(KitchenError):
    """Only an accepted task can become ready."""

    code: ClassVar[str] = "task-not-accepted"

    def __init__(self) -> None:
        super().__init__("Only an order that was accepted, and is not ready yet, can be made ready.")
