"""What a handler's signature says about the request: path and query parameters, the body, the result."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect as types
from starlette.responses import Response

from portico.bff.call import Call
from portico.bff.errors import DeclarationError
from portico.bff.unit_of_work import UnitOfWork

_IN_PATH = re.compile(r"{([a-zA-Z_]\w*)(?::\w+)?}")
_MANY = (types.ListType, types.SetType, types.FrozenSetType, types.VarTupleType)


class Parameter(msgspec.Struct, frozen=True, eq=False):
    """One path or query parameter."""

    name: str
    kind: Any
    required: bool
    default: Any
    many: bool
    textual: bool

    def convert(self, text: str | list[str]) -> Any:
        """The typed value of what was sent; raises msgspec.ValidationError."""
        # Lax conversion reads "5" as a number, but it would also read "null" as None where text is meant.
        return msgspec.convert(text, self.kind, strict=self.textual)


class Signature(msgspec.Struct, frozen=True, eq=False):
    """A handler's parameters by where they come from, and its result type (None type: no content)."""

    path: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    body: Any | None
    takes_uow: bool
    result: Any


def read_signature(handler: Callable[..., Awaitable[Any]], path: str, *, result_wrapper: type[Any]) -> Signature:
    """Read a handler; DeclarationError names what in it cannot be served."""
    where = f"{path} ({getattr(handler, '__name__', handler)})"
    if not inspect.iscoroutinefunction(handler):
        raise DeclarationError(f"{where}: a handler is an `async def` function")
    try:
        hints = get_type_hints(handler, include_extras=True)
    except NameError as error:
        raise DeclarationError(f"{where}: its annotations must be importable at module level: {error}") from error
    call, *rest = inspect.signature(handler).parameters.values() or (None,)
    if call is None or hints.get(call.name) is not Call:
        raise DeclarationError(f"{where}: its first parameter is `call: Call`")
    if missing := [name for name in ("return", *(p.name for p in rest)) if name not in hints]:
        raise DeclarationError(f"{where}: not annotated: {', '.join(missing)}")
    in_path = _IN_PATH.findall(path)
    if unknown := set(in_path) - {p.name for p in rest}:
        raise DeclarationError(f"{where}: it takes no parameter named {', '.join(sorted(unknown))}")
    takes_uow = hints.get("uow") is UnitOfWork
    special = {"body", "uow"} if takes_uow else {"body"}
    parameters = {p.name: _parameter(p, hints[p.name], where) for p in rest if p.name not in special}
    body = hints.get("body")
    if body is not None:
        _check_closed(body, where)
    result = _unwrap(hints["return"], result_wrapper)
    if result is not Response:
        _type_info(result, where)
    return Signature(
        path=tuple(parameters[name] for name in in_path),
        query=tuple(parameter for name, parameter in parameters.items() if name not in in_path),
        body=body,
        takes_uow=takes_uow,
        result=result,
    )


def _parameter(parameter: inspect.Parameter, kind: Any, where: str) -> Parameter:
    if parameter.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        raise DeclarationError(f"{where}: *{parameter.name} has no meaning in a request")
    leaves = list(_leaves(_type_info(kind, where)))
    required = parameter.default is inspect.Parameter.empty
    return Parameter(
        name=parameter.name,
        kind=kind,
        required=required,
        default=None if required else parameter.default,
        many=any(isinstance(leaf, _MANY) for leaf in leaves),
        textual=any(isinstance(leaf, types.StrType) for leaf in leaves),
    )


def _leaves(info: types.Type) -> Iterator[types.Type]:
    """The alternatives of a parameter's type, and of a list's items."""
    if isinstance(info, types.Metadata):
        yield from _leaves(info.type)
    elif isinstance(info, types.UnionType):
        for member in info.types:
            yield from _leaves(member)
    else:
        yield info
        if isinstance(info, _MANY):
            yield from _leaves(info.item_type)


def _type_info(kind: Any, where: str) -> types.Type:
    try:
        info = types.type_info(kind)
    except TypeError as error:
        raise DeclarationError(f"{where}: {kind} is not a type that msgspec knows: {error}") from error
    for nested in _nested(info, seen=set()):
        if isinstance(nested, types.CustomType):
            raise DeclarationError(f"{where}: {nested.cls} is not a type that msgspec knows")
    return info


def _check_closed(body: Any, where: str) -> None:
    """Every object in a body refuses members it does not know: a mistyped one must not be lost in silence."""
    for info in _nested(_type_info(body, where), seen=set()):
        if isinstance(info, types.StructType) and not info.forbid_unknown_fields:
            raise DeclarationError(
                f"{where}: the body's {info.cls.__name__} accepts unknown fields; declare it with "
                "`msgspec.Struct, forbid_unknown_fields=True`"
            )
        if isinstance(info, types.DataclassType | types.TypedDictType):
            raise DeclarationError(
                f"{where}: the body's {info.cls.__name__} cannot refuse unknown fields; use a Struct"
            )


def _nested(info: types.Type, seen: set[Any]) -> Iterator[types.Type]:
    cls = getattr(info, "cls", None)
    if cls is not None and cls in seen:
        return
    seen.add(cls)
    yield info
    for child in _children(info):
        yield from _nested(child, seen)


def _children(info: types.Type) -> Iterator[types.Type]:
    for name in ("type", "item_type", "key_type", "value_type"):
        if isinstance(child := getattr(info, name, None), types.Type):
            yield child
    for name in ("types", "item_types"):
        yield from getattr(info, name, ())
    for field in getattr(info, "fields", ()):
        yield field.type


def _unwrap(result: Any, wrapper: type[Any]) -> Any:
    if get_origin(result) is wrapper:
        (result,) = get_args(result)
    if isinstance(result, type) and issubclass(result, Response):
        return Response
    return result
