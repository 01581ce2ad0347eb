"""REST on Starlette from declared, typed operations."""

from portico.bff.rest.caching import CacheRule
from portico.bff.rest.openapi import openapi
from portico.bff.rest.operation import Operation, Reply, delete, get, patch, post, put

__all__ = ["CacheRule", "Operation", "Reply", "delete", "get", "openapi", "patch", "post", "put"]
