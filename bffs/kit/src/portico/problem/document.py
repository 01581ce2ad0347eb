"""Problem documents (RFC 9457): the one error format of every HTTP API in Portico."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

BASE = "https://portico.dev/problems/"
"""Prefix of every problem type; the documentation answers below it."""

MEDIA_TYPE = "application/problem+json"
"""Media type of a problem document (RFC 9457, section 3)."""

_RESERVED = frozenset({"type", "title", "status", "detail", "instance"})
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class FieldError(msgspec.Struct, frozen=True):
    """One thing that is wrong with what was sent.

    `pointer` is a JSON Pointer (RFC 6901) into the body (`""` is the whole body), or names a parameter as
    `query:<name>`, `path:<name>` or `header:<name>`.
    """

    pointer: str
    detail: str


class Problem(Exception):
    """An answer that is an error, raised anywhere and turned into a response once, at the edge.

    `type` is a slug (`"not-found"`); on the wire it becomes `https://portico.dev/problems/not-found`.
    `extensions` are additional members of the document; they may not replace the standard ones.
    """

    def __init__(
        self,
        type: str,  # noqa: A002 - the member's name in the RFC
        *,
        status: int,
        title: str | None = None,
        detail: str | None = None,
        instance: str | None = None,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        if not _SLUG.fullmatch(type):
            raise ValueError(f"A problem type is a slug of lower-case words, not {type!r}")
        if not 400 <= status <= 599:
            raise ValueError(f"A problem has a status from 400 to 599, not {status}")
        if extensions and (taken := _RESERVED & extensions.keys()):
            raise ValueError(f"Extensions may not replace standard members: {sorted(taken)}")
        self.type = type
        self.status = status
        self.title = title if title is not None else phrase(status)
        self.detail = detail
        self.instance = instance
        self.headers = dict(headers or {})
        self.extensions = dict(extensions or {})
        super().__init__(f"{status} {type}: {detail or self.title}")

    @property
    def code(self) -> str:
        """The stable code of this problem: its slug."""
        return self.type

    @classmethod
    def of_status(cls, status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> Problem:
        """The plain problem of an HTTP status, when there is nothing more specific to say."""
        return cls(slug(status), status=status, detail=detail, headers=headers)

    @classmethod
    def invalid(cls, errors: Sequence[FieldError], *, detail: str = "The request is not valid.") -> Problem:
        """422 `invalid-request`: well-formed, but not what the API takes; `errors` says where."""
        return cls(
            "invalid-request",
            status=422,
            title="Invalid request",
            detail=detail,
            extensions={"errors": [{"pointer": error.pointer, "detail": error.detail} for error in errors]},
        )

    @classmethod
    def not_found(cls, detail: str | None = None) -> Problem:
        """404 `not-found`: there is no such thing, or not for this person."""
        return cls.of_status(404, detail)

    def document(self) -> dict[str, Any]:
        """The members of the problem document, in the RFC's order, absent ones left out."""
        members: dict[str, Any] = {"type": BASE + self.type, "title": self.title, "status": self.status}
        if self.detail is not None:
            members["detail"] = self.detail
        if self.instance is not None:
            members["instance"] = self.instance
        return members | self.extensions


def phrase(status: int) -> str:
    """The reason phrase of a status ("Not Found"), or a general one for statuses without."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Client Error" if status < 500 else "Server Error"


def slug(status: int) -> str:
    """The problem type of a plain status: 404 is `not-found`, 500 is `internal-server-error`."""
    return re.sub(r"[^a-z0-9]+", "-", phrase(status).lower()).strip("-")
