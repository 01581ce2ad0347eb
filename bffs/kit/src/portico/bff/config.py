"""Settings of a BFF, parsed once from string keys (environment variables or what the host hands over)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from portico.bff.assertion.trust import TrustedService, trusted_services
from portico.bff.errors import SettingsError
from portico.keys import check_algorithms

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class LakeSettings(msgspec.Struct, frozen=True):
    """Where the event lake is (a folder, or `s3://bucket/prefix`), and the URL of its keys' database."""

    place: str
    keys: str
    plain: bool = False


class BffSettings(msgspec.Struct, frozen=True):
    """What a BFF needs to run. Each field names the key it comes from.

    `app` (PORTICO_APP), `issuers` (PORTICO_ISSUER, comma separated), `jwks_url` (PORTICO_JWKS_URL; empty:
    where the only issuer's discovery document says), `audience`
    (PORTICO_AUDIENCE, default `urn:portico:bff:<app>`), `database_url` (DATABASE_URL), `nats_url` (NATS_URL; empty:
    events stay in the outbox), `region` (PORTICO_REGION, default `local`), `demo` (PORTICO_DEMO), `introspection`
    (PORTICO_INTROSPECTION, GraphQL in development), `algorithms` (PORTICO_TOKEN_ALGORITHMS, default `ES256`),
    `roles_claim` and `tenant_claim` (PORTICO_ROLES_CLAIM, PORTICO_TENANT_CLAIM: see `ClaimNames`),
    `services` (PORTICO_SERVICES: who else may call), `service_key` (PORTICO_SERVICE_KEY: to call others),
    `auditor_role` (PORTICO_AUDITOR_ROLE, default `auditor`; who may read the audit),
    `operator_role` (PORTICO_OPERATOR_ROLE, default `operator`; who sees faults and metrics),
    `metrics_role` (PORTICO_METRICS_ROLE; who sees the metrics alone),
    `audit_days` (PORTICO_AUDIT_DAYS, 30 or more; 0, the default: for ever),
    `lake` (PORTICO_LAKE with PORTICO_LAKE_KEYS: to build projections anew from it).
    """

    app: str
    issuers: frozenset[str]
    jwks_url: str
    audience: str
    database_url: str
    nats_url: str | None = None
    region: str = "local"
    demo: bool = False
    introspection: bool = False
    algorithms: frozenset[str] = frozenset({"ES256"})
    roles_claim: str = "roles"
    tenant_claim: str = "tenant"
    services: Mapping[str, TrustedService] = {}
    service_key: str | None = None
    auditor_role: str = "auditor"
    operator_role: str = "operator"
    audit_days: int = 0
    lake: LakeSettings | None = None
    metrics_role: str = ""

    @classmethod
    def from_mapping(cls, settings: Mapping[str, str]) -> BffSettings:
        """Parse the settings; SettingsError lists every key that is missing or wrong, at once."""
        reader = _Reader(settings)
        app = reader.required("PORTICO_APP")
        issuers = reader.items("PORTICO_ISSUER")
        parsed = cls(
            app=app,
            issuers=frozenset(issuers),
            jwks_url=reader.keys_url("PORTICO_JWKS_URL", issuers),
            audience=settings.get("PORTICO_AUDIENCE") or f"urn:portico:bff:{app}",
            database_url=reader.required("DATABASE_URL"),
            nats_url=settings.get("NATS_URL") or None,
            region=settings.get("PORTICO_REGION") or "local",
            demo=reader.flag("PORTICO_DEMO"),
            introspection=reader.flag("PORTICO_INTROSPECTION"),
            algorithms=reader.algorithms("PORTICO_TOKEN_ALGORITHMS"),
            roles_claim=settings.get("PORTICO_ROLES_CLAIM", "").strip() or "roles",
            tenant_claim=settings.get("PORTICO_TENANT_CLAIM", "").strip() or "tenant",
            services=reader.services("PORTICO_SERVICES"),
            service_key=settings.get("PORTICO_SERVICE_KEY") or None,
            auditor_role=settings.get("PORTICO_AUDITOR_ROLE", "").strip() or "auditor",
            operator_role=settings.get("PORTICO_OPERATOR_ROLE", "").strip() or "operator",
            audit_days=reader.days("PORTICO_AUDIT_DAYS", least=30),
            metrics_role=settings.get("PORTICO_METRICS_ROLE", "").strip(),
            lake=reader.lake("PORTICO_LAKE", "PORTICO_LAKE_KEYS"),
        )
        reader.finish()
        return parsed


class _Reader:
    """Reads keys and collects what is wrong with them."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._wrong: list[str] = []

    def required(self, key: str) -> str:
        value = self._settings.get(key, "").strip()
        if not value:
            self._wrong.append(f"{key} is not set")
        return value

    def items(self, key: str) -> list[str]:
        found = [item for part in self._settings.get(key, "").split(",") if (item := part.strip())]
        if not found:
            self._wrong.append(f"{key} is not set")
        return found

    def flag(self, key: str) -> bool:
        value = self._settings.get(key, "").strip().lower()
        if value not in _FLAGS:
            self._wrong.append(f"{key} is {value!r}; it must be 1 or 0")
        return _FLAGS.get(value, False)

    def services(self, key: str) -> Mapping[str, TrustedService]:
        try:
            found = trusted_services(self._settings.get(key, ""))
        except ValueError as error:
            self._wrong.append(f"{key}: {error}")
            return {}
        for name, service in found.items():
            if service.keys_url is not None:
                self._check_keys_url(f"{key}: {name}'s keysUrl", service.keys_url)
        return found

    def days(self, key: str, *, least: int) -> int:
        value = self._settings.get(key, "").strip() or "0"
        if not value.isdecimal() or not value.isascii() or 0 < int(value) < least or len(value) > 6:
            self._wrong.append(f"{key} is {value!r}; it must be a number of days, {least} or more, or 0 for ever")
            return 0
        return int(value)

    def lake(self, place: str, keys: str) -> LakeSettings | None:
        at, kept = (self._settings.get(key, "").strip() for key in (place, keys))
        if not at and not kept:
            return None
        if not at or not kept:
            self._wrong.append(f"{place} and {keys} belong together; one of them is not set")
        endpoint = self._settings.get("AWS_ENDPOINT_URL_S3") or self._settings.get("AWS_ENDPOINT_URL") or ""
        return LakeSettings(at, kept, plain=endpoint.startswith("http://"))

    def keys_url(self, key: str, issuers: list[str]) -> str:
        """The address of the keys; without one, they are where the only issuer says."""
        value = self._settings.get(key, "").strip()
        if value:
            self._check_keys_url(key, value)
        elif len(issuers) == 1:
            self._check_keys_url(f"PORTICO_ISSUER (and {key} is not set)", issuers[0])
        else:
            self._wrong.append(f"{key} is not set")
        return value

    def _check_keys_url(self, key: str, value: str) -> None:
        """Keys that come over the network in the clear could be anybody's: https, or this machine, or said twice."""
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            self._wrong.append(f"{key} is {value!r}; it must be an http(s) URL")
        elif parts.scheme == "http" and not _is_loopback(parts.hostname) and not self.flag("PORTICO_INSECURE_JWKS"):
            self._wrong.append(
                f"{key} is {value!r}; keys must come over https (or set PORTICO_INSECURE_JWKS=1 on a network you trust)"
            )

    def algorithms(self, key: str) -> frozenset[str]:
        names = [item for part in self._settings.get(key, "").split(",") if (item := part.strip())]
        try:
            return check_algorithms(names or ["ES256"])
        except ValueError as error:
            self._wrong.append(f"{key}: {error}")
            return frozenset()

    def finish(self) -> None:
        if self._wrong:
            raise SettingsError("This BFF cannot start: " + "; ".join(self._wrong) + ".")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
