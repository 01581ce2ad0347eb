"""The API for operators: endpoints, their deliveries, and sending again."""

from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from notifications_bff.model import DELIVERY, ENDPOINT, OPERATOR, TYPES, Delivery, DeliveryStatus, Endpoint
from notifications_bff.work import ALL_ENDPOINTS, MOST_ENDPOINTS, Work
from portico.bff import Call, UnitOfWork, command_id, require
from portico.bff.external import AddressRefused, WebhookSender, new_webhook_secret
from portico.bff.rest import Operation, delete, get, post
from portico.problem import Problem


class NewEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send which events."""

    url: Annotated[str, msgspec.Meta(max_length=2000)]
    events: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=20)]
    description: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ShownEndpoint(msgspec.Struct, frozen=True):
    """An endpoint without its secret, which is shown once, to who made it."""

    id: str
    url: str
    events: tuple[str, ...]
    description: str
    disabled: str
    secret: str | None = None


class Deliveries(msgspec.Struct, frozen=True, rename="camel"):
    """A page of deliveries, newest first."""

    items: tuple[Delivery, ...]
    next_cursor: str | None


async def register_endpoint(call: Call, *, body: NewEndpoint, uow: UnitOfWork) -> ShownEndpoint:
    """Register an endpoint; the answer alone shows its secret."""
    if unknown := sorted(set(body.events) - {type_ for types in TYPES.values() for type_ in types}):
        raise Problem("invalid-request", status=422, title="Unknown events", detail=f"There is no {unknown[0]!r}.")
    try:
        url = call.get(WebhookSender).check(body.url)
    except AddressRefused as error:
        raise Problem(error.code, status=422, title="Address not possible", detail=str(error)) from error
    if len((await uow.query(ENDPOINT, limit=ALL_ENDPOINTS)).items) >= MOST_ENDPOINTS:
        raise Problem("too-many-endpoints", status=409, title="Too many endpoints", detail="Remove one first.")
    events = tuple(dict.fromkeys(body.events))
    endpoint = Endpoint(command_id(call.key), url, events, new_webhook_secret(), body.description)
    await uow.put(ENDPOINT, endpoint.id, endpoint, claim_value=OPERATOR)
    return _shown(endpoint, secret=endpoint.secret)


async def list_endpoints(call: Call) -> list[ShownEndpoint]:
    """List the endpoints, oldest first."""
    async with call.read() as uow:
        return [_shown(stored.entity) for stored in (await uow.query(ENDPOINT, limit=ALL_ENDPOINTS)).items]


async def remove_endpoint(call: Call, endpoint_id: str, *, uow: UnitOfWork) -> None:  # noqa: ARG001 (as declared)
    """Remove an endpoint; what waits for it is not sent."""
    await _endpoint(uow, endpoint_id)
    await uow.delete(ENDPOINT, endpoint_id)


async def enable_endpoint(call: Call, endpoint_id: str, *, uow: UnitOfWork) -> ShownEndpoint:  # noqa: ARG001
    """Send to an endpoint again that was disabled."""
    endpoint = replace(await _endpoint(uow, endpoint_id), disabled="")
    await uow.put(ENDPOINT, endpoint_id, endpoint, claim_value=OPERATOR)
    return _shown(endpoint)


async def list_deliveries(
    call: Call,
    endpoint_id: str,
    *,
    status: DeliveryStatus | None = None,
    cursor: str | None = None,
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50,
) -> Deliveries:
    """List what was sent to an endpoint, newest first."""
    where: dict[str, Any] = {"endpoint": endpoint_id} | ({"status": status.value} if status else {})
    async with call.read() as uow:
        page = await uow.query(DELIVERY, where=where, limit=limit, after=cursor, descending=True)
    return Deliveries(tuple(stored.entity for stored in page.items), page.next_cursor)


def routes(work: Work) -> list[Operation]:
    """All routes, of an application with these rules."""

    async def resend_delivery(call: Call, delivery_id: str, *, uow: UnitOfWork) -> Delivery:  # noqa: ARG001
        """Send a message once more."""
        stored = await uow.get(DELIVERY, delivery_id)
        if stored is None:
            raise Problem.not_found("There is no such delivery.")
        return await work.resend(uow, stored.entity)

    operator = require(role=OPERATOR)
    return [
        post("/endpoints", register_endpoint, access=operator, status=201, problems=[409, 422]),
        get("/endpoints", list_endpoints, access=operator),
        delete("/endpoints/{endpoint_id}", remove_endpoint, access=operator, problems=[404]),
        post("/endpoints/{endpoint_id}/enable", enable_endpoint, access=operator, problems=[404]),
        get("/endpoints/{endpoint_id}/deliveries", list_deliveries, access=operator, problems=[400]),
        post("/deliveries/{delivery_id}/resend", resend_delivery, access=operator, problems=[404]),
    ]


async def _endpoint(uow: UnitOfWork, endpoint_id: str) -> Endpoint:
    stored = await uow.get(ENDPOINT, endpoint_id)
    if stored is None:
        raise Problem.not_found("There is no such endpoint.")
    return stored.entity


def _shown(endpoint: Endpoint, *, secret: str | None = None) -> ShownEndpoint:
    return ShownEndpoint(endpoint.id, endpoint.url, endpoint.events, endpoint.description, endpoint.disabled, secret)
