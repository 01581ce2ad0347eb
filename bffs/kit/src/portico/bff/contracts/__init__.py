"""What a service tells and what it reads of the others, as one could hold it against theirs."""

from portico.bff.contracts.asyncapi import asyncapi
from portico.bff.contracts.reading import Reading, readings
from portico.bff.contracts.schema import read_schema

__all__ = ["Reading", "asyncapi", "read_schema", "readings"]
