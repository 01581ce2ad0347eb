"""GraphQL by Strawberry, served over HTTP within limits, closed by default."""

from portico.bff.graphql.guard import field, guard, mutation
from portico.bff.graphql.limits import Limits
from portico.bff.graphql.schema import BffSchema

__all__ = ["BffSchema", "Limits", "field", "guard", "mutation"]
