"""The GraphQL types, and how the domain's values become them."""

from datetime import datetime
from typing import Self

import strawberry

from courier_bff import job, model
from portico.bff import Stored

strawberry.enum(job.JobStatus, description="How far a job is; it only goes forward.")


@strawberry.type(description="Where an order goes.")
class Address:
    """See the domain's Address."""

    name: str = strawberry.field(description="The name on the door.")
    street: str
    postal_code: str
    city: str

    @classmethod
    def of(cls, value: job.Address) -> Self:
        """Map from the domain."""
        return cls(name=value.name, street=value.street, postal_code=value.postal_code, city=value.city)


@strawberry.type(description="An order to be brought from a restaurant to a door.")
class Job:
    """See the domain's Job."""

    id: strawberry.ID = strawberry.field(description="The order's id.")
    version: int = strawberry.field(description="Grows by one with every change; commands name the one they mean.")
    status: job.JobStatus
    restaurant_name: str
    count: int = strawberry.field(description="How many portions.")
    note: str
    to: Address | None
    ready_at: datetime | None = strawberry.field(description="Since when it waits at the restaurant.")
    courier_name: str | None = strawberry.field(description="Who has it, or brought it.")

    @classmethod
    def of(cls, stored: Stored[job.Job]) -> Self:
        """Map from the store's row."""
        value = stored.entity
        return cls(
            id=strawberry.ID(value.id),
            version=stored.version,
            status=value.status,
            restaurant_name=value.restaurant_name,
            count=value.count,
            note=value.note,
            to=Address.of(value.to) if value.to else None,
            ready_at=value.ready_at,
            courier_name=value.courier_name,
        )


@strawberry.type(description="A courier's work.")
class Round:
    """See the model's Round."""

    ready: list[Job] = strawberry.field(description="What waits at restaurants, what waits longest first.")
    with_me: list[Job] = strawberry.field(description="What I have with me.")
    delivered: list[Job] = strawberry.field(description="What I delivered, newest order first.")

    @classmethod
    def of(cls, found: model.Round) -> Self:
        """Map from what was read."""
        return cls(
            ready=[Job.of(stored) for stored in found.ready],
            with_me=[Job.of(stored) for stored in found.with_me],
            delivered=[Job.of(stored) for stored in found.delivered],
        )
