"""Everything that the host needs to start, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portico.host.config.addresses import IpNetwork, check_base_url, check_override_origins
from portico.host.config.limits import GatewayLimits, Rates
from portico.host.config.provider import ProviderConfig
from portico.host.config.reading import settings_of
from portico.host.config.tokens import BffTokens
from portico.manifest.imd import ImdSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfig:
    """Everything the host needs to start.

    `base_url` is the origin that people see; `provider` is `None` for the built-in development provider, which is for
    `development` alone. `security_contact` are the URIs for who finds a hole, `account_url` is where people change
    their password. `bff_urls`
    sends calls to a BFF in its own process, whatever the manifest says: those of an app (`app`), or of one version of
    it (`app@version`). People with one of `developer_roles` may see own versions of apps, from `override_origins`;
    `None` means what listens on this machine, when the host itself does, else nothing; `override_bff_origins` are
    the same for their own BFFs. `bff_origins` are the origins
    that a manifest's own `bff.url` may name, `release_origins` those that files of releases may be fetched from.
    `push_hosts` are the push services that notices may go to (none: those of the usual browsers). `people_file` lists
    who can sign in at the development provider. `manifest_database` (a URL) and `assets` (a folder or
    `s3://bucket/prefix`) say where releases are kept, when not in the data folder; `sessions_database` (a URL) says it
    of sessions, `keys_dir` of secret keys. A session ends when it is not used for `session_idle_s` seconds, and after
    `session_absolute_s` in any case. `bff_tokens` says who issues the tokens for BFFs; a key with which the host signs
    them does so for `token_key_days`. `services` are the installed services without an app that run here too (`*`: all
    that no app brings); `service_settings` are what those of BFFs and services are found in that begin with their
    names. People with `auditor_role` read the audit, which is kept for `audit_days` (0: for
    ever); those with `operator_role` see faults, metrics and rebuilds of BFFs, programs with `metrics_role` the
    metrics alone. `lake` and `lake_keys` are where BFFs find the event lake, when not in the data folder.
    """

    base_url: str
    data_dir: Path
    development: bool = False
    provider: ProviderConfig | None = None
    security_contact: tuple[str, ...] = ()
    account_url: str = ""
    manifest_database: str = field(default="", repr=False)
    assets: str = ""
    sessions_database: str = field(default="", repr=False)
    session_idle_s: int = 8 * 3600
    session_absolute_s: int = 24 * 3600
    keys_dir: Path | None = None
    nats_url: str = ""
    push_hosts: tuple[str, ...] = ()
    region: str = "local"
    demo: bool = False
    people_file: Path | None = None
    bff_urls: Mapping[str, str] = field(default_factory=dict)
    bff_origins: frozenset[str] = frozenset()
    services: tuple[str, ...] = ()
    service_settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    developer_roles: frozenset[str] = frozenset({"developer"})
    bff_tokens: BffTokens = "host"
    token_key_days: int = 30
    auditor_role: str = "auditor"
    operator_role: str = "operator"
    metrics_role: str = ""
    lake: str = ""
    lake_keys: str = field(default="", repr=False)
    audit_days: int = 0
    override_origins: frozenset[str] | None = None
    override_bff_origins: frozenset[str] | None = None
    release_origins: frozenset[str] = frozenset()
    load_timeout_ms: int = 10_000
    entry_budget_kb: int | None = None
    imd: ImdSettings | None = None
    limits: GatewayLimits = field(default_factory=GatewayLimits)
    rates: Rates = field(default_factory=Rates)
    trusted_proxies: tuple[IpNetwork, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would only fail later."""
        check_base_url(self.base_url)
        check_override_origins(self.override_origins)
        check_override_origins(self.override_bff_origins, "PORTICO_OVERRIDE_BFF_ORIGINS")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "data_dir", Path(self.data_dir).absolute())
        if self.keys_dir is not None:
            object.__setattr__(self, "keys_dir", Path(self.keys_dir).absolute())
        if self.imd is not None:
            object.__setattr__(self, "imd", self.imd.for_pages_at(self.base_url))

    @property
    def is_secure(self) -> bool:
        """Whether people reach the host over TLS."""
        return self.base_url.startswith("https:")

    @property
    def jwks_url(self) -> str:
        """Where BFFs find the keys that the host signs their tokens with."""
        return f"{self.base_url}/.well-known/jwks.json"

    def database(self, name: str) -> str:
        """The database URL of one part of the platform."""
        return f"sqlite:///{self.data_dir / name}.db"

    @property
    def manifest_database_url(self) -> str:
        """The database that releases and channels are kept in."""
        return self.manifest_database or self.database("manifest")

    @property
    def sessions_database_url(self) -> str:
        """The database that sessions are kept in."""
        return self.sessions_database or self.database("sessions")

    @property
    def lake_place(self) -> str:
        """The folder or bucket of the event lake."""
        return self.lake or str(self.data_dir / "lake")

    @property
    def lake_keys_url(self) -> str:
        """The database of the lake's keys."""
        return self.lake_keys or self.database("lake-keys")

    def key_file(self, name: str) -> Path:
        """The file of one part's secret keys."""
        return (self.keys_dir or self.data_dir / "keys") / f"{name}.json"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> HostConfig:
        """Read the settings of docs/reference/settings.md; raises ConfigurationError that names every fault."""
        return cls(**settings_of(environment))
