"""The environment read into a `HostConfig` (docs/reference/settings.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portico.host.config.addresses import bff_urls, networks, origins, release_origins
from portico.host.config.provider import provider_config, provider_faults
from portico.host.config.published import account_url, contacts
from portico.host.config.tokens import bff_tokens, token_key_days
from portico.host.config.values import audit_days, entry_budget, imd_settings, rates, whole_number
from portico.host.errors import ConfigurationError
from portico.secrets import SecretRefused, with_secrets

_NEEDED = {
    "PORTICO_BASE_URL": "the origin that people see, for example https://portico.example",
    "PORTICO_DATA_DIR": "the folder for databases, keys and releases",
}


def settings_of(given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a `HostConfig`; raises ConfigurationError that names every fault."""
    environment = with_secret_files(given)
    faults = [f"{key} is not set: {why}" for key, why in _NEEDED.items() if not environment.get(key)]
    faults += provider_faults(environment)
    if faults:
        raise ConfigurationError("; ".join(faults))
    return {
        "base_url": environment["PORTICO_BASE_URL"],
        "data_dir": Path(environment["PORTICO_DATA_DIR"]),
        "development": environment.get("PORTICO_DEVELOPMENT") == "1",
        "provider": provider_config(environment),
        "security_contact": contacts(environment),
        "account_url": account_url(environment),
        "manifest_database": environment.get("PORTICO_MANIFEST_DATABASE", ""),
        "assets": environment.get("PORTICO_ASSETS", ""),
        "sessions_database": environment.get("PORTICO_SESSIONS_DATABASE", ""),
        "session_idle_s": whole_number(environment, "PORTICO_SESSION_IDLE_S", default=8 * 3600, unit="seconds"),
        "session_absolute_s": whole_number(
            environment, "PORTICO_SESSION_ABSOLUTE_S", default=24 * 3600, unit="seconds"
        ),
        "keys_dir": Path(environment["PORTICO_KEYS_DIR"]) if environment.get("PORTICO_KEYS_DIR") else None,
        "nats_url": environment.get("NATS_URL", ""),
        "push_hosts": tuple(environment.get("PORTICO_PUSH_HOSTS", "").split()),
        "region": environment.get("PORTICO_REGION", "local"),
        "demo": environment.get("PORTICO_DEMO") == "1",
        "bff_urls": bff_urls(environment.get("PORTICO_BFF_URLS", "")),
        "bff_origins": frozenset(environment.get("PORTICO_BFF_ORIGINS", "").split()),
        "services": tuple(environment.get("PORTICO_SERVICES", "").split()),
        "service_settings": {key: value for key, value in given.items() if not key.startswith("PORTICO_")},
        "developer_roles": frozenset(environment.get("PORTICO_DEVELOPER_ROLES", "developer").split()),
        "bff_tokens": bff_tokens(environment),
        "token_key_days": token_key_days(environment),
        "auditor_role": environment.get("PORTICO_AUDITOR_ROLE", "").strip() or "auditor",
        "operator_role": environment.get("PORTICO_OPERATOR_ROLE", "").strip() or "operator",
        "metrics_role": environment.get("PORTICO_METRICS_ROLE", "").strip(),
        "lake": environment.get("PORTICO_LAKE", ""),
        "lake_keys": environment.get("PORTICO_LAKE_KEYS", ""),
        "audit_days": audit_days(environment),
        "override_origins": origins(environment.get("PORTICO_OVERRIDE_ORIGINS")),
        "override_bff_origins": origins(environment.get("PORTICO_OVERRIDE_BFF_ORIGINS")),
        "release_origins": release_origins(environment),
        "load_timeout_ms": whole_number(environment, "PORTICO_LOAD_TIMEOUT_MS", default=10_000, unit="milliseconds"),
        "entry_budget_kb": entry_budget(environment),
        "imd": imd_settings(environment),
        "rates": rates(environment),
        "trusted_proxies": networks(environment.get("PORTICO_TRUSTED_PROXIES", "")),
    }


def with_secret_files(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with what its secret files hold; raises ConfigurationError with a sentence for every fault."""
    try:
        return with_secrets(environment)
    except SecretRefused as error:
        raise ConfigurationError(str(error)) from error
