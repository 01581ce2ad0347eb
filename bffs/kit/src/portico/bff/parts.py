"""What an application is made of while it runs: one value per type, made at start and closed at stop."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from portico.bff.errors import DeclarationError

T = TypeVar("T")


class Parts:
    """The running parts of one application, found by their type."""

    def __init__(self) -> None:
        self._parts: dict[type[Any], Any] = {}

    def add(self, value: T, kind: type[T] | None = None) -> T:
        """Add a part under its own type, or under `kind` (the port it implements). A type is taken once."""
        key: type[Any] = kind if kind is not None else type(value)
        if key in self._parts:
            raise DeclarationError(f"There is already a part of type {key.__name__}")
        self._parts[key] = value
        return value

    def get(self, kind: type[T]) -> T:
        """The part of that type; DeclarationError when the application has none."""
        try:
            return cast("T", self._parts[kind])
        except KeyError:
            raise DeclarationError(f"This application has no part of type {kind.__name__}") from None

    def __contains__(self, kind: type[Any]) -> bool:
        """Whether there is a part of that type."""
        return kind in self._parts
