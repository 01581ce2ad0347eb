"""One call of an API: who calls, with what request, and the application's parts to serve it with."""

from __future__ import annotations

from typing import TypeVar, cast

from starlette.requests import Request

from portico.bff.authorizer import identity_of
from portico.bff.claims import Claims
from portico.bff.parts import Parts

T = TypeVar("T")


class Call:
    """What every REST handler and GraphQL resolver is given."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @property
    def claims(self) -> Claims:
        """The caller's verified claims; raises the 401 Problem when nobody is signed in."""
        return identity_of(self.request.scope).required()

    @property
    def signed_in(self) -> bool:
        """Whether there are claims: for what is public but shows more to those who are known."""
        return identity_of(self.request.scope).claims is not None

    def get(self, kind: type[T]) -> T:
        """A part of the application by its type (the store, a service)."""
        return parts_of(self.request).get(kind)


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves this request."""
    return cast("Parts", request.app.state.parts)
