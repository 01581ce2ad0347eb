"""Channels in SQL: a revision is a row, and a row for each name that it changed."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from portico.manifest.access.sql_rows import milliseconds, time_of
from portico.manifest.answers import KEPT, Answer, KeptAnswer, RequestKey
from portico.manifest.canonical import canonical_json
from portico.manifest.channel import ChannelRevision, entries_from
from portico.manifest.channel_entry import Authorship, Change, Kind, value_document, value_from
from portico.manifest.channel_store import ChannelStore
from portico.manifest.channel_summary import ChannelSummary
from portico.manifest.errors import RevisionConflict, UnknownRevision
from portico.sql import Database, Row, Statement, UniqueViolation, Value

_REVISION = "SELECT number, who, at, why, entries FROM channel_revisions WHERE channel = $1"
_CHANGES = "SELECT number, kind, name, after FROM channel_changes WHERE channel = $1"
_REVISION_COLUMNS = ("channel", "number", "parent", "who", "at", "why", "entries")
_CHANGE_COLUMNS = ("channel", "number", "kind", "name", "after")
_ROWS = 100
"""How many rows one INSERT takes: fewer round trips, far from any database's limit of parameters."""


class SqlChannels(ChannelStore):
    """The part of the store that keeps channels. The methods say what the port says.

    Revisions from before changes were kept hold the whole channel's apps in ``entries``; new ones have ``''`` there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def head(self, channel: str) -> int:
        """See ``ChannelStore.head``: one seek in the primary key."""
        sql = "SELECT number FROM channel_revisions WHERE channel = $1 ORDER BY number DESC LIMIT 1"
        rows = await self._database.recall(sql, (channel,))
        return integer(rows[0][0]) if rows else 0

    async def channels(self, *, after: str, limit: int) -> Sequence[ChannelSummary]:
        """See ``ChannelStore.channels``."""
        rows = await self._database.read(
            "SELECT one.channel, one.number, one.who, one.at, one.why FROM channel_revisions AS one JOIN ("
            "SELECT channel, MAX(number) AS number FROM channel_revisions WHERE channel > $1 GROUP BY channel "
            "ORDER BY channel LIMIT $2) AS latest "
            "ON one.channel = latest.channel AND one.number = latest.number ORDER BY one.channel",
            (after, limit),
        )
        return [
            ChannelSummary(str(channel), integer(number), str(who), time_of(at), str(why))
            for channel, number, who, at, why in rows
        ]

    async def revision(self, channel: str, number: int) -> ChannelRevision:
        """See ``ChannelStore.revision``: the latest change of each name up to it."""
        if number == 0:
            return ChannelRevision.empty(channel)
        rows = await self._database.read(f"{_REVISION} AND number = $2", (channel, number))
        if not rows:
            raise UnknownRevision(f"channel {channel} has no revision {number}")
        whole, entries = await self._whole(channel, number)
        state = replace(ChannelRevision.empty(channel), number=number - 1, entries=entries_from(entries))
        latest = await self._database.read(
            "SELECT one.number, one.kind, one.name, one.after FROM channel_changes AS one JOIN ("
            "SELECT kind, name, MAX(number) AS number FROM channel_changes WHERE channel = $1 AND number <= $2 "
            "GROUP BY kind, name) AS latest "
            "ON one.kind = latest.kind AND one.name = latest.name AND one.number = latest.number "
            "WHERE one.channel = $1",
            (channel, number),
        )
        changes = [_change(row) for row in latest if row[1] != "app" or integer(row[0]) > whole]
        _, who, at, why, _ = rows[0]
        return state.following(changes, Authorship(str(who), time_of(at), str(why)))

    async def latest(self, known: ChannelRevision) -> ChannelRevision:
        """See ``ChannelStore.latest``."""
        rows = await self._database.read(f"{_REVISION} AND number > $2 ORDER BY number", (known.channel, known.number))
        *_, last = known, *await self._followed(known, rows)
        return last

    async def history(self, channel: str, *, before: int | None, limit: int) -> Sequence[ChannelRevision]:
        """See ``ChannelStore.history``: the state before the oldest one asked for, and the changes from there."""
        sql = f"{_REVISION} AND number < $2 ORDER BY number DESC LIMIT $3"
        rows = await self._database.read(sql, (channel, before if before is not None else 1 << 62, limit))
        if not rows:
            return []
        parent = await self.revision(channel, integer(rows[-1][0]) - 1)
        return (await self._followed(parent, rows[::-1]))[::-1]

    async def append(
        self, parent: ChannelRevision, revisions: Sequence[ChannelRevision], answers: Sequence[KeptAnswer] = ()
    ) -> None:
        """See ``ChannelStore.append``: the primary keys are the compare-and-set."""
        changed = [
            (after.channel, after.number, change.kind, change.name, _after(change))
            for before, after in zip([parent, *revisions], revisions, strict=False)
            for change in after.diff(before)
        ]
        group = [
            *_inserts("channel_revisions", _REVISION_COLUMNS, map(_revision_row, revisions)),
            *_inserts("channel_changes", _CHANGE_COLUMNS, changed),
            *_answer_statements(answers),
        ]
        try:
            await self._database.write(group)
        except UniqueViolation as error:
            raise RevisionConflict(parent.channel, await self.head(parent.channel)) from error

    async def answer(self, key: RequestKey) -> KeptAnswer | None:
        """See ``ChannelStore.answer``."""
        sql = "SELECT request, status, headers, body, at FROM deploy_answers WHERE principal = $1 AND key = $2"
        rows = await self._database.read(sql, (key.principal, key.key))
        if not rows:
            return None
        request, status, headers, body, at = rows[0]
        content = body if isinstance(body, bytes) else b""
        answer = Answer(integer(status), json.loads(str(headers)), content)
        return KeptAnswer(replace(key, request=str(request)), answer, time_of(at))

    async def keep_answer(self, answer: KeptAnswer) -> None:
        """See ``ChannelStore.keep_answer``."""
        forget, keep = _answer_statements([answer])
        await self._database.write([forget, replace(keep, sql=f"{keep.sql} ON CONFLICT DO NOTHING")])

    async def _whole(self, channel: str, number: int) -> tuple[int, Mapping[str, Any]]:
        """Return the latest revision up to ``number`` that was kept whole, and its apps; 0 when there is none."""
        sql = "SELECT number, entries FROM channel_revisions WHERE channel = $1 AND number <= $2 AND entries <> ''"
        rows = await self._database.read(f"{sql} ORDER BY number DESC LIMIT 1", (channel, number))
        return (integer(rows[0][0]), json.loads(str(rows[0][1]))) if rows else (0, {})

    async def _followed(self, known: ChannelRevision, rows: Sequence[Row]) -> list[ChannelRevision]:
        """Return the revisions of these rows, which are in order and come right after ``known``."""
        if not rows:
            return []
        sql = f"{_CHANGES} AND number BETWEEN $2 AND $3 ORDER BY number"
        changed = await self._database.read(sql, (known.channel, rows[0][0], rows[-1][0]))
        changes = {number: [*map(_change, group)] for number, group in groupby(changed, key=lambda row: row[0])}
        found = []
        for number, who, at, why, entries in rows:
            by = Authorship(str(who), time_of(at), str(why))
            known = known.following(changes.get(number, ()), by)
            if entries:
                known = replace(known, entries=entries_from(json.loads(str(entries))))
            found.append(known)
        return found


def _revision_row(revision: ChannelRevision) -> tuple[Value, ...]:
    number = revision.number
    return (revision.channel, number, number - 1, revision.who, milliseconds(revision.at), revision.why, "")


def _inserts(table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[Statement]:
    waiting, width = list(rows), len(columns)
    while waiting:
        some, waiting = waiting[:_ROWS], waiting[_ROWS:]
        places = (
            f"({', '.join(f'${number * width + column}' for column in range(1, width + 1))})"
            for number in range(len(some))
        )
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(places)}"  # noqa: S608 - no input in it
        yield Statement(sql, [value for row in some for value in row], expect=len(some))


def _answer_statements(answers: Sequence[KeptAnswer]) -> Iterator[Statement]:
    """Yield a statement that forgets what is old, and one for each answer; none without answers."""
    if answers:
        old = max(kept.at for kept in answers) - KEPT
        yield Statement("DELETE FROM deploy_answers WHERE at < $1", (milliseconds(old),))
    for kept in answers:
        key, answer = kept.key, kept.answer
        headers = canonical_json(dict(answer.headers)).decode()
        yield Statement(
            "INSERT INTO deploy_answers (principal, key, request, status, headers, body, at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            (key.principal, key.key, key.request, answer.status, headers, answer.body, milliseconds(kept.at)),
        )


def _after(change: Change) -> str:
    return canonical_json(value_document(change.kind, change.after)).decode()


def _change(row: Row) -> Change:
    _, name_of_kind, name, after = row
    kind: Kind = name_of_kind  # type: ignore[assignment]  # written by ``append`` alone
    return Change(kind, str(name), None, value_from(kind, json.loads(str(after))))


def integer(value: object) -> int:
    """Return a column that holds a number; raises ``TypeError`` for anything else."""
    if not isinstance(value, int):
        raise TypeError(f"a number was expected, not {value!r}")
    return value
