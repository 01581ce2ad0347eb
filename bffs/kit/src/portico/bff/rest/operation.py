"""Declarations of REST operations: a method, a path, a typed handler, and who may call it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypedDict, TypeVar, Unpack

import msgspec

from portico.bff.authorizer import Requirement
from portico.bff.errors import DeclarationError
from portico.bff.rest.caching import CacheRule
from portico.bff.rest.signature import Signature, read_signature

Handler = Callable[..., Awaitable[Any]]
T = TypeVar("T")


class Reply(msgspec.Struct, Generic[T], frozen=True):
    """A value with more to say about its response: another status, further headers. `Location` belongs here."""

    value: T
    status: int | None = None
    headers: Mapping[str, str] = {}


class Options(TypedDict, total=False):
    """What every operation may declare: who may call it, tags and further statuses for the OpenAPI document."""

    access: Requirement
    tags: Sequence[str]
    problems: Sequence[int]


class Operation(msgspec.Struct, frozen=True, eq=False):
    """One declared operation. Made by `get`, `post`, `put`, `patch` and `delete`."""

    method: str
    path: str
    handler: Handler
    signature: Signature
    access: Requirement | None
    status: int
    cache: CacheRule | None
    tags: tuple[str, ...]
    problems: tuple[int, ...]

    @property
    def name(self) -> str:
        """The handler's name; the operation id in the OpenAPI document."""
        return self.handler.__name__

    @property
    def is_command(self) -> bool:
        """Whether it runs in a unit of work, and so takes an Idempotency-Key."""
        return self.signature.takes_uow

    def __str__(self) -> str:
        """The operation as errors name it."""
        return f"{self.method} {self.path} ({self.name})"


def get(path: str, handler: Handler, *, cache: CacheRule | None = None, **options: Unpack[Options]) -> Operation:
    """Declare a read. Its answer carries an ETag and `Cache-Control` by `cache` (default: private, revalidated).

    The handler is `async def name(call: Call, <path parameters>, *, <query parameters>) -> T`. Every parameter and the
    result are annotated with types that msgspec knows; a default makes a query parameter optional; its first docstring
    line is the summary in the OpenAPI document. `problems` are further statuses to document (404, 409).
    """
    return _declare("GET", path, handler, status=200, cache=cache or CacheRule(), options=options)


def post(path: str, handler: Handler, *, status: int = 200, **options: Unpack[Options]) -> Operation:
    """Declare a command. A parameter named `body` is the JSON body; the rest is as in `get`. None answers 204.

    With a parameter `uow: UnitOfWork` it runs in a transaction that the kit commits together with the answer, and takes
    an Idempotency-Key; an answer of 400 or more, or an exception, commits nothing. Do not commit it yourself.
    """
    return _declare("POST", path, handler, status=status, cache=None, options=options)


def put(path: str, handler: Handler, *, status: int = 200, **options: Unpack[Options]) -> Operation:
    """Declare a replacing command, as `post`."""
    return _declare("PUT", path, handler, status=status, cache=None, options=options)


def patch(path: str, handler: Handler, *, status: int = 200, **options: Unpack[Options]) -> Operation:
    """Declare a changing command, as `post`."""
    return _declare("PATCH", path, handler, status=status, cache=None, options=options)


def delete(path: str, handler: Handler, *, status: int = 200, **options: Unpack[Options]) -> Operation:
    """Declare a removing command, as `post`, without a body."""
    return _declare("DELETE", path, handler, status=status, cache=None, options=options)


def _declare(
    method: str, path: str, handler: Handler, *, status: int, cache: CacheRule | None, options: Options
) -> Operation:
    signature = read_signature(handler, path, result_wrapper=Reply)
    if signature.body is not None and method in {"GET", "DELETE"}:
        raise DeclarationError(f"{method} {path}: a {method} has no body")
    if signature.takes_uow and method == "GET":
        raise DeclarationError(f"{method} {path}: a read has no unit of work to commit; use `call.read()`")
    return Operation(
        method=method,
        path=path,
        handler=handler,
        signature=signature,
        access=options.get("access"),
        status=204 if signature.result is type(None) else status,
        cache=cache,
        tags=tuple(options.get("tags", ())),
        problems=tuple(options.get("problems", ())),
    )
