"""Takes what is personal out of an event, into a box per person; and puts it back for who has the keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from anyio import to_thread
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portico.lake.errors import LakeDamaged
from portico.lake.keys import KeyStore, PersonKey
from portico.lake.personal import ABSENT, Path, PersonalFields, places, value_at
from portico.lake.row import Row, envelope_of
from portico.lake.schemas import Schemas

_NONCE: Final = 12  # bytes, random: far fewer than 2^32 boxes per key
_SYSTEM: Final = "system:"

Taken = dict[str, list[tuple[list[str], Any]]]
"""Per person: where something was in the envelope, and what."""


async def seal(rows: Sequence[Row], schemas: Schemas, keys: KeyStore) -> list[Row]:
    """Return the rows with what is personal in boxes; what concerns an erased person is left out altogether, and noted
    so that the hub forgets it too.

    Raises what the key store raises. The keys are durable before this returns.
    """
    opened = await to_thread.run_sync(lambda: [_opened(row, schemas) for row in rows])
    persons = {person for _, _, taken in opened for person in taken}
    held = await keys.of(persons) if persons else {}
    erased = [row.position for row, _, taken in opened if any(_erased(row, held[person]) for person in taken)]
    await keys.note_purges(erased)
    return await to_thread.run_sync(
        lambda: [_sealed(row, envelope, taken, held) if taken else row for row, envelope, taken in opened]
    )


async def unseal(rows: Sequence[Row], keys: KeyStore) -> list[Row]:
    """Return the rows with everything back in its place for which there is a key."""
    wanted = {key for row in rows for key in row.keys}
    held = await keys.opening(wanted) if wanted else {}
    return [_unsealed(row, held) if row.keys else row for row in rows]


def _opened(row: Row, schemas: Schemas) -> tuple[Row, dict[str, Any], Taken]:
    try:
        return row, *_taken(row, schemas.of(row.schema))
    except (msgspec.DecodeError, RecursionError) as error:  # the head can be read, and what is in it not
        id_ = f"unreadable-{row.position:020}"
        return msgspec.structs.replace(row, id=id_, fault=str(error)), {}, {}


def _erased(row: Row, key: PersonKey) -> bool:
    return row.time <= key.erased_at


def _taken(row: Row, personal: PersonalFields) -> tuple[dict[str, Any], Taken]:
    """Take the personal parts out of an envelope; return what is left, and what was whose."""
    if row.fault is not None:
        return {}, {}
    envelope = envelope_of(row)
    data = envelope.get("data")
    taken: Taken = {}
    actor, said = _person(envelope.get("actor")), _person(envelope.get("person"))
    about = _person(value_at(data, personal.person)) if personal.person is not None else None
    found = [
        (field, owner)
        for field in personal.fields
        if (owner := _owner(data, field.person) if field.person is not None else about or said or actor) is not None
    ]
    for field, owner in found:
        for path, holder, key in list(places({"data": data}, ("data", *field.path))):
            # Of the whole data, the envelope holds it; else the holder is the envelope's own object.
            target: Any = envelope if path == ("data",) else holder
            taken.setdefault(owner, []).append((list(path), target[key]))
            if field.instead is ABSENT and isinstance(target, dict):
                del target[key]
            else:
                target[key] = None if field.instead is ABSENT else field.instead
    for name, person in (("actor", actor), ("person", said)):
        if person is not None:
            taken.setdefault(person, []).append(([name], envelope.pop(name)))
    return envelope, taken


def _owner(data: object, path: Path) -> str | None:
    return _person(value_at(data, path))


def _person(value: object) -> str | None:
    return value if isinstance(value, str) and value and not value.startswith(_SYSTEM) else None


def _sealed(row: Row, envelope: dict[str, Any], taken: Taken, held: Mapping[str, PersonKey]) -> Row:
    subject, partition_key = row.subject, row.partition_key
    for person, parts in taken.items():
        # Where a person's id is the key of the event itself, the key's id stands for it: order and groups stay.
        if row.subject == person:
            subject = envelope["subject"] = held[person].id
            parts.append((["subject"], person))
        if row.partition_key == person:
            partition_key = envelope["partitionkey"] = held[person].id
            parts.append((["partitionkey"], person))
    closed = [(held[person], parts) for person, parts in taken.items() if not _erased(row, held[person])]
    return msgspec.structs.replace(
        row,
        subject=subject,
        partition_key=partition_key,
        envelope=msgspec.json.encode(envelope).decode(),
        keys=tuple(key.id for key, _ in closed),
        boxes=tuple(_box(key.key, msgspec.json.encode(parts), row.id) for key, parts in closed),
    )


def _unsealed(row: Row, held: Mapping[str, bytes]) -> Row:
    envelope = envelope_of(row)
    for id_, box in zip(row.keys, row.boxes, strict=True):
        if (key := held.get(id_)) is None:
            continue
        try:
            parts = msgspec.json.decode(
                AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], row.id.encode()), type=list[tuple[list[str], Any]]
            )
        except InvalidTag as error:
            raise LakeDamaged(f"what is sealed in event {row.id} was changed") from error
        for path, value in parts:
            _put(envelope, path, value)
    return msgspec.structs.replace(
        row,
        subject=str(envelope["subject"]),
        partition_key=str(envelope["partitionkey"]),
        envelope=msgspec.json.encode(envelope).decode(),
        keys=(),
        boxes=(),
    )


def _box(key: bytes, content: bytes, id_: str, random: Callable[[int], bytes] = os.urandom) -> bytes:
    nonce = random(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, id_.encode())


def _put(envelope: Any, path: Sequence[str], value: object) -> None:
    *way, last = path
    for key in way:
        envelope = envelope[int(key)] if isinstance(envelope, list) else envelope[key]
    if isinstance(envelope, list):
        envelope[int(last)] = value
    else:
        envelope[last] = value
