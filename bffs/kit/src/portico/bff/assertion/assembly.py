"""From a BFF's settings to its verifier, and to this service's own identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.bff.assertion.receiving import ServicesVerifier, Verifier
from portico.bff.assertion.service import Service
from portico.bff.assertion.trust import TrustedService
from portico.bff.errors import SettingsError
from portico.bff.keys import HttpKeys, JwksKeys, KeySource
from portico.bff.verifier import TokenPolicy, TokenVerifier
from portico.keys import KeySetRefused, parse_key_set

KEYS_PATH = "/.well-known/jwks.json"
_ALGORITHMS = frozenset({"ES256"})


def keys_of(services: Mapping[str, TrustedService]) -> dict[str, KeySource]:
    """Where each service's keys come from. Raises SettingsError for keys in the settings that cannot be used."""
    return {name: JwksKeys(_fetch(name, service), _ALGORITHMS) for name, service in services.items()}


def verifier_of(
    policy: TokenPolicy, keys: KeySource, services: Mapping[str, TrustedService], service_keys: Mapping[str, KeySource]
) -> Verifier:
    """The issuer's tokens alone, or those of services as well."""
    people = TokenVerifier(policy, keys)
    if not services:
        return people
    return ServicesVerifier(people, policy=policy, keys=keys, services=services, service_keys=service_keys)


def service_routes(service: Service | None) -> list[Route]:
    """Where this service publishes its keys, when it has any."""
    if service is None:
        return []
    body = msgspec.json.encode(service.public_keys())

    async def jwks(_request: Request) -> Response:
        return Response(body, headers={"Cache-Control": "public, max-age=300"}, media_type="application/json")

    return [Route(KEYS_PATH, jwks, methods=["GET"])]


def _fetch(name: str, service: TrustedService) -> Callable[[], Any]:
    if service.keys_url is not None:
        return HttpKeys(service.keys_url)
    document = msgspec.json.encode(service.keys)
    try:
        usable = parse_key_set(document, _ALGORITHMS)
    except KeySetRefused as error:
        raise SettingsError(f"PORTICO_SERVICES: {name}: {error}") from error
    if not usable:
        raise SettingsError(f"PORTICO_SERVICES: {name}: its keys hold none for ES256")

    async def given() -> bytes:
        return document

    return given
