"""One call of an API: who calls, with what request, and the application's parts to serve it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from starlette.requests import Request

from portico.bff.authorizer import identity_of
from portico.bff.claims import Claims
from portico.bff.command_headers import base_version_of, key_of
from portico.bff.errors import DeclarationError
from portico.bff.parts import Parts
from portico.bff.store import EntityStore
from portico.problem import Problem

if TYPE_CHECKING:
    from portico.bff.unit_of_work import UnitOfWork

T = TypeVar("T")


class Call:
    """What every REST handler and GraphQL resolver is given (there as `info.context`). Lives for one request."""

    def __init__(self, request: Request, *, uow: UnitOfWork | None = None) -> None:
        self.request = request
        self._uow = uow
        self._made: dict[Callable[[Call], Any], Any] = {}
        self.refusals: dict[str, Problem] = {}

    @property
    def claims(self) -> Claims:
        """The caller's verified claims; raises the 401 Problem when nobody is signed in."""
        return identity_of(self.request.scope).required()

    @property
    def signed_in(self) -> bool:
        """Whether there are claims: for what is public but shows more to those who are known."""
        return identity_of(self.request.scope).claims is not None

    @property
    def uow(self) -> UnitOfWork:
        """The unit of work of this command: read, put and emit through it; the kit commits it with the answer.

        Only commands have one: GraphQL mutations, and REST commands whose handler takes a `uow` parameter.
        """
        if self._uow is None:
            self.claims  # noqa: B018 - an anonymous caller is told to sign in
            raise DeclarationError("There is no unit of work here: this is not a command, or there is no store")
        return self._uow

    @property
    def key(self) -> str | None:
        """The command's Idempotency-Key, or None. `portico.bff.command_id(call.key)` makes an id of it."""
        return key_of(self.request)

    @property
    def base_version(self) -> int | None:
        """The version that the person saw, from `If-Match: "3"`: for `uow.put(..., version=...)`; None without."""
        return base_version_of(self.request)

    def read(self) -> UnitOfWork:
        """A unit of work to read with the caller's authority: `async with call.read() as uow`. Not to be committed."""
        return self.get(EntityStore).unit_of_work(identity_of(self.request.scope).claims)

    def get(self, kind: type[T]) -> T:
        """A part of the application by its type (the store, a service)."""
        return parts_of(self.request).get(kind)

    def refused(self, field: str, refusal: Problem) -> None:
        """Keep that a GraphQL field was refused, for the audit; its name as in the schema: `Query.things`."""
        self.refusals.setdefault(field, refusal)

    def once(self, make: Callable[[Call], T]) -> T:
        """What `make(call)` makes, made once per call: for data loaders and other things shared by resolvers."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves this request."""
    return cast("Parts", request.app.state.parts)
