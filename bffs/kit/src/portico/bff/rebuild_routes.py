"""`/_rebuilds` of every BFF that declares a projection, for operators: building it anew."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from portico.audit import Entry
from portico.bff.authorizer import require
from portico.bff.call import Call
from portico.bff.listener import Listener
from portico.bff.rebuild_log import Building, Source
from portico.bff.rebuilder import NoSource, Rebuilder
from portico.bff.rest.operation import Operation, Reply, get, post
from portico.bff.store import EntityStore
from portico.problem import Problem

_PRIVATE = {"Cache-Control": "no-store"}


class ProjectionView(msgspec.Struct, frozen=True):
    """What can be built anew: which rules make which kinds of rows."""

    name: str
    rules: tuple[str, ...]
    kinds: tuple[str, ...]


class Rebuilds(msgspec.Struct, frozen=True):
    """What can be built anew, and what is or was, newest first."""

    projections: list[ProjectionView]
    items: list[Building]


class NewRebuild(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what, and from where: without a source from the lake, or from the hub where this service knows no lake."""

    projection: str
    source: Source | None = None


def rebuild_routes(role: str) -> Sequence[Operation]:
    """The operations, for people with this role."""
    access, tags = require(role=role), ["rebuilds"]
    return (
        get("/_rebuilds", list_rebuilds, access=access, tags=tags),
        post("/_rebuilds", start_rebuild, access=access, tags=tags, problems=[404, 409], status=202),
        get("/_rebuilds/{id}", show_rebuild, access=access, tags=tags, problems=[404]),
        post("/_rebuilds/{id}/cancel", cancel_rebuild, access=access, tags=tags, problems=[404, 409], status=204),
    )


async def list_rebuilds(call: Call) -> Reply[Rebuilds]:
    """List what can be built anew, and what is or was."""
    projections = [
        ProjectionView(one.name, one.rules, tuple(kind.discriminator for kind in one.kinds))
        for one in call.get(Listener).projections.values()
    ]
    return Reply(Rebuilds(projections, list(await call.get(Rebuilder).log.list())), headers=_PRIVATE)


async def show_rebuild(call: Call, id: str) -> Reply[Building]:  # noqa: A002
    """Show how far one is."""
    return Reply(await _found(call, id), headers=_PRIVATE)


async def start_rebuild(call: Call, *, body: NewRebuild) -> Reply[Building]:
    """Begin to build a projection anew beside the live one, and put it in its place. 409 while one of it is running."""
    rebuilder = call.get(Rebuilder)
    if body.projection not in call.get(Listener).projections:
        known = ", ".join(call.get(Listener).projections) or "none"
        detail = f"There is no projection {body.projection!r} here. There are: {known}."
        raise Problem("unknown-projection", status=404, title="Unknown projection", detail=detail)
    try:
        source = rebuilder.source(body.source)
    except NoSource as error:
        raise Problem("no-source", status=409, title="Nothing to build from", detail=str(error)) from error
    await _keep(call, "rebuild", body.projection)
    building = await rebuilder.log.begin(body.projection, source, call.claims.sub)
    if building is None:
        detail = f"{body.projection} is being built anew already. See it, or cancel it, at _rebuilds."
        raise Problem("rebuild-running", status=409, title="It is running", detail=detail)
    rebuilder.wake()
    return Reply(building, headers=_PRIVATE)


async def cancel_rebuild(call: Call, id: str) -> None:  # noqa: A002
    """End one: the live rows stay. 409 when the new ones are in their place already. Repeating it is harmless."""
    rebuilder, building = call.get(Rebuilder), await _found(call, id)
    await _keep(call, "cancel", building.projection)
    if not await rebuilder.log.cancel(id) and building.state != "cancelled":
        raise Problem("rebuild-over", status=409, title="It is over", detail="The new rows are live, or it has failed.")
    rebuilder.wake()


async def _found(call: Call, id_: str) -> Building:
    building = await call.get(Rebuilder).log.find(id_)
    if building is None:
        raise Problem("unknown-rebuild", status=404, title="Unknown rebuild", detail="There is none with this id.")
    return building


async def _keep(call: Call, action: str, projection: str) -> None:
    """Written before it is done: what nobody recorded nobody did."""
    store, claims = call.get(EntityStore), call.claims
    await store.audit.add(
        Entry(
            at=store.now(), actor=claims.sub, client=claims.client_id, action=action, outcome="allowed",
            kind="projection", key=projection,
        )
    )  # fmt: skip
