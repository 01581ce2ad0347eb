"""The OpenAPI 3.1 document of the deployer's HTTP API, as data: one file per group of routes."""

from portico.manifest.openapi.described import described, unknown_routes
from portico.manifest.openapi.document import Paths, openapi_document

__all__ = ["Paths", "described", "openapi_document", "unknown_routes"]
