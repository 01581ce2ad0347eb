"""A job: one order on its way from the restaurant to the door; a change returns a new job.

Two services tell of it, in whatever order: fulfilment where it goes to, the kitchen that it is ready.
"""

from datetime import datetime
from enum import Enum

import msgspec
from msgspec.structs import replace

from courier_bff.errors import NotPickedUp, NotReady, NotYours


class JobStatus(Enum):
    """How far it is; it only goes forward. Of what was cancelled nothing is to do."""

    EXPECTED = "expected"
    READY = "ready"
    PICKED_UP = "picked-up"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Address(msgspec.Struct, frozen=True, rename="camel"):
    """Where it goes, and whose name is on the door."""

    name: str
    street: str
    postal_code: str
    city: str


class Job(msgspec.Struct, frozen=True, rename="camel"):
    """What is to be brought to ``customer`` (a ``sub``). ``id`` is the order's.

    ``to`` is None until fulfilment was heard, ``ready_at`` until the kitchen was. ``courier`` (a ``sub``) has it.
    """

    id: str
    customer: str
    restaurant_id: str
    restaurant_name: str
    count: int
    note: str
    status: JobStatus = JobStatus.EXPECTED
    to: Address | None = None
    ready_at: datetime | None = None
    courier: str | None = None
    courier_name: str | None = None

    def bound_for(self, to: Address) -> "Job":
        """Know where it goes."""
        return _offered(replace(self, to=to))

    def ready(self, at: datetime) -> "Job":
        """Know that it can be fetched, since ``at``."""
        return _offered(replace(self, ready_at=at))

    def cancel(self) -> "Job":
        """Nobody waits for it any more."""
        return replace(self, status=JobStatus.CANCELLED)

    def pick_up(self, courier: str, name: str) -> "Job":
        """Take it along. Raises NotReady when it is not there (yet), or somebody has it."""
        if self.status is not JobStatus.READY:
            raise NotReady
        return replace(self, status=JobStatus.PICKED_UP, courier=courier, courier_name=name)

    def deliver(self, courier: str) -> "Job":
        """Hand it over at the door. Raises NotPickedUp, or NotYours when another courier has it."""
        if self.status is not JobStatus.PICKED_UP:
            raise NotPickedUp
        if self.courier != courier:
            raise NotYours
        return replace(self, status=JobStatus.DELIVERED)


def _offered(job: Job) -> Job:
    """Offer what is ready once it is known where it goes."""
    known = job.to is not None and job.ready_at is not None
    return replace(job, status=JobStatus.READY) if known and job.status is JobStatus.EXPECTED else job
