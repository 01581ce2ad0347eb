"""What a courier is shown of a job that changed under their hands: what the API's Job says, and no more."""

from datetime import datetime
from typing import Self

import msgspec

from courier_bff.job import Address, Job


class ShownJob(msgspec.Struct, frozen=True, rename="camel"):
    """A job without the customer's and the courier's ``sub``; ``status`` is upper case."""

    id: str
    status: str
    restaurant_name: str
    count: int
    note: str
    to: Address | None
    ready_at: datetime | None
    courier_name: str | None

    @classmethod
    def of(cls, job: Job) -> Self:
        """Leave out what is not a courier's to know."""
        return cls(
            id=job.id,
            status=job.status.name,
            restaurant_name=job.restaurant_name,
            count=job.count,
            note=job.note,
            to=job.to,
            ready_at=job.ready_at,
            courier_name=job.courier_name,
        )
