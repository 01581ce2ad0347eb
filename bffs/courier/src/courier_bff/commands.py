"""What a courier can do: read, apply the rules, keep. The caller's unit of work is committed by the kit."""

from collections.abc import Callable

import msgspec

from courier_bff import model
from courier_bff.errors import UnknownJob
from courier_bff.job import Job
from courier_bff.model import JOB
from portico.bff import Claims, ConflictError, Event, Stored, UnitOfWork


class BroughtOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What the other services are told; ``courier`` is a ``sub``, ``courier_name`` what people are told."""

    id: str
    customer: str
    restaurant_id: str
    restaurant_name: str
    courier: str
    courier_name: str


class Wanted(msgspec.Struct, frozen=True):
    """Which job a courier means, and the version of it that they saw."""

    job_id: str
    version: int


async def pick_up(uow: UnitOfWork, courier: Claims, wanted: Wanted) -> Stored[Job]:
    """Take a job along, if it is still at the version that the courier saw, and tell the other services.

    Raises UnknownJob, ConflictError (with the job as it is now) and what ``Job.pick_up`` raises.
    """
    name = courier.name or courier.sub
    job = await _change(uow, wanted, lambda job: job.pick_up(courier.sub, name))
    _tell(uow, courier, job.entity, "order.picked-up")
    return job


async def deliver(uow: UnitOfWork, courier: Claims, wanted: Wanted) -> Stored[Job]:
    """Hand a job over at the door; otherwise as ``pick_up``."""
    job = await _change(uow, wanted, lambda job: job.deliver(courier.sub))
    _tell(uow, courier, job.entity, "order.delivered")
    return job


async def _change(uow: UnitOfWork, wanted: Wanted, change: Callable[[Job], Job]) -> Stored[Job]:
    stored = await model.job(uow, wanted.job_id)
    if stored is None:
        raise UnknownJob
    if stored.version != wanted.version:
        raise ConflictError(JOB, wanted.job_id, wanted.version, stored)
    await uow.put(JOB, wanted.job_id, change(stored.entity), version=wanted.version)
    after = await model.job(uow, wanted.job_id)
    assert after is not None  # noqa: S101 - it was put just now
    return after


def _tell(uow: UnitOfWork, courier: Claims, job: Job, fact: str) -> None:
    told = BroughtOrder(
        job.id, job.customer, job.restaurant_id, job.restaurant_name, job.courier or "", job.courier_name or ""
    )
    uow.emit(Event(type=fact, subject=job.id, entity=told))
    model.tell_of(uow, courier.tenant or "", job)
