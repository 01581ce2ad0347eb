"""A Strawberry schema that runs prepared documents and whose root fields all say who may use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext
from strawberry.types.base import StrawberryObjectDefinition, has_object_definition

from portico.bff.authorizer import Requirement
from portico.bff.errors import DeclarationError
from portico.bff.graphql.guard import Guard


class BffSchema(strawberry.Schema):
    """As `strawberry.Schema`. Resolvers get a `portico.bff.call.Call` as `info.context`.

    Pass extensions as classes or factories, never instances: an instance would be shared by concurrent requests.
    """

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        """The extensions of one request, new each time."""
        return [_UsePrepared(), *super().get_extensions(sync)]

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing here: the endpoint logs unexpected errors, once, under the id that the client sees."""

    def requirements(self) -> Mapping[str, Mapping[str, Requirement]]:
        """What each root field asks of the caller, by operation kind and GraphQL name.

        Raises DeclarationError that names every root field without a `guard(...)`, and for an extension that is an
        instance.
        """
        given: tuple[object, ...] = self.extensions
        if shared := [extension for extension in given if isinstance(extension, SchemaExtension)]:
            raise DeclarationError(
                f"{type(shared[0]).__name__} would be shared by concurrent requests; "
                "pass the extension's class, or a function that makes it"
            )
        missing: list[str] = []
        found = {
            kind: self._requirements_of(root, missing)
            for kind, root in (("query", self.query), ("mutation", self.mutation), ("subscription", self.subscription))
            if root is not None
        }
        if missing:
            raise DeclarationError(
                f"These GraphQL fields do not say who may use them: {', '.join(missing)}; "
                "add permission_classes=[guard(require())] or guard(public())"
            )
        return found

    def _requirements_of(self, root: type[Any], missing: list[str]) -> dict[str, Requirement]:
        assert has_object_definition(root)  # noqa: S101 - strawberry.Schema took it
        definition: StrawberryObjectDefinition = root.__strawberry_definition__
        requirements: dict[str, Requirement] = {}
        for field in definition.fields:
            name = self.config.name_converter.get_graphql_name(field)
            guards = [guard for guard in field.permission_classes if issubclass(guard, Guard)]
            if guards:
                requirements[name] = guards[0].requirement
            else:
                missing.append(f"{definition.name}.{name}")
        missing.extend(f"{definition.name}.{name}" for name in self._served(definition) if name not in requirements)
        return requirements

    def _served(self, definition: StrawberryObjectDefinition) -> Iterator[str]:
        """What the finished schema has, whoever put it there (a schema extension, federation)."""
        served = self._schema.type_map[self.config.name_converter.from_type(definition)]
        known = {self.config.name_converter.get_graphql_name(field) for field in definition.fields}
        yield from (name for name in getattr(served, "fields", {}) if name not in known)


class _UsePrepared(SchemaExtension):
    """Hands Strawberry the document that the endpoint parsed and validated already."""

    def on_operation(self) -> Iterator[None]:
        prepared = self.execution_context.context.prepared
        self.execution_context.graphql_document = prepared.document
        self.execution_context.pre_execution_errors = []
        yield
