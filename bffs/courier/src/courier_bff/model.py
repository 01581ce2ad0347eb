"""How jobs are kept: they belong to a fleet (the tenant), and its couriers alone see and change them."""

from typing import Final, NamedTuple

from courier_bff.job import Job, JobStatus
from courier_bff.shown import ShownJob
from portico.bff import EntityType, Reach, Stored, UnitOfWork

JOB = EntityType("job", Job, reach=Reach.TENANT, writers=frozenset({"courier"}), shown=ShownJob.of)

JOBS_CHANGED: Final = "courier.jobs-changed"
"""What the couriers of a fleet are told when a job came or changed: ``{id, status}``."""

MOST: Final = 200
"""How many jobs of one status are shown; a fleet with more waiting has other worries."""


class Round(NamedTuple):
    """A courier's work."""

    ready: list[Stored[Job]]
    with_me: list[Stored[Job]]
    delivered: list[Stored[Job]]


def tell_of(uow: UnitOfWork, fleet: str, job: Job) -> None:
    """Tell the couriers of the fleet, with this commit, that a job came or changed."""
    uow.tell(tenant=fleet, type=JOBS_CHANGED, data={"id": job.id, "status": job.status.name})


async def job(uow: UnitOfWork, job_id: str) -> Stored[Job] | None:
    """Return a job of this fleet, or None: there is none, or it is another's."""
    return await uow.get(JOB, job_id)


async def ready(uow: UnitOfWork) -> list[Stored[Job]]:
    """Return what waits at restaurants, what waits longest first."""
    page = await uow.query(JOB, where={"status": JobStatus.READY.value}, limit=MOST)
    return sorted(page.items, key=lambda stored: (str(stored.entity.ready_at), stored.key.pk))


async def with_courier(uow: UnitOfWork, courier: str) -> list[Stored[Job]]:
    """Return what a courier has with them, oldest order first."""
    where = {"status": JobStatus.PICKED_UP.value, "courier": courier}
    return list((await uow.query(JOB, where=where, limit=MOST)).items)


async def delivered(uow: UnitOfWork, courier: str, first: int) -> list[Stored[Job]]:
    """Return the ``first`` newest orders that a courier has brought."""
    where = {"status": JobStatus.DELIVERED.value, "courier": courier}
    return list((await uow.query(JOB, where=where, limit=first, descending=True)).items)


async def round_of(uow: UnitOfWork, courier: str, first: int) -> Round:
    """Return a courier's work with each job in one place.

    A job only goes forward: read in its order of progress, one that moves meanwhile is found, maybe twice; then the
    later place is true.
    """
    waiting = await ready(uow)
    carried = await with_courier(uow, courier)
    brought = await delivered(uow, courier, first)
    on = {stored.key for stored in brought}
    carried = [stored for stored in carried if stored.key not in on]
    on.update(stored.key for stored in carried)
    return Round([stored for stored in waiting if stored.key not in on], carried, brought)
