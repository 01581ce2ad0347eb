"""The JSON Schemas of events: files ``<type>.<version>.json`` that live beside the service that tells them."""

from portico.schemas.files import SchemaFile, SchemaRefused, in_folders, installed, of_service

__all__ = ["SchemaFile", "SchemaRefused", "in_folders", "installed", "of_service"]
