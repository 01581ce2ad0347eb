"""What an operator can set. Read once, at the edge; everything inside takes a `HostConfig`."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from portico.host.errors import ConfigurationError
from portico.host.origins import origin_of
from portico.manifest.imd import ImdSettings, InvalidImdSettings

KIB = 1024
LOOPBACK_NAMES = frozenset({"localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """An OpenID provider, found by discovery under its issuer."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLimits:
    """Bounds for calls to one app's BFF; one slow BFF must not exhaust the host.

    `concurrency` is how many calls to one app may be under way, `concurrency_each` how many of them one person's.
    """

    body_bytes: int = 1024 * KIB
    timeout_s: float = 30.0
    concurrency: int = 100
    concurrency_each: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfig:
    """Everything the host needs to start.

    `base_url` is the origin that people see; `provider` is `None` for the built-in development provider. `bff_urls`
    sends calls to a BFF in its own process, whatever the manifest says: those of an app (`app`), or of one version of
    it (`app@version`). People with one of `developer_roles` may see own versions of apps, from `override_origins`;
    `None` means what listens on this machine, when the host itself does, else nothing. `bff_origins` are the origins
    that a manifest's own `bff.url` may name, `release_origins` those that files of releases may be fetched from.
    `push_hosts` are the push services that notices may go to (none: those of the usual browsers). `people_file` lists
    who can sign in at the development provider. `manifest_database` (a URL) and `assets` (a folder or
    `s3://bucket/prefix`) say where releases are kept, when not in the data folder.
    """

    base_url: str
    data_dir: Path
    provider: ProviderConfig | None = None
    manifest_database: str = field(default="", repr=False)
    assets: str = ""
    nats_url: str = ""
    push_hosts: tuple[str, ...] = ()
    region: str = "local"
    demo: bool = False
    people_file: Path | None = None
    bff_urls: Mapping[str, str] = field(default_factory=dict)
    bff_origins: frozenset[str] = frozenset()
    developer_roles: frozenset[str] = frozenset({"developer"})
    override_origins: frozenset[str] | None = None
    release_origins: frozenset[str] = frozenset()
    load_timeout_ms: int = 10_000
    entry_budget_kb: int | None = None
    imd: ImdSettings | None = None
    limits: GatewayLimits = field(default_factory=GatewayLimits)

    def __post_init__(self) -> None:
        """Refuse what would only fail later."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ConfigurationError(
                f"PORTICO_BASE_URL must be an origin like https://portico.example, not {self.base_url!r}"
            )
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ConfigurationError(
                f"PORTICO_BASE_URL {self.base_url!r} is plain http on an address that is not loopback: session cookies "
                "would travel unprotected. Use https."
            )
        if faults := [origin for origin in self.override_origins or () if not _is_origin(origin)]:
            raise ConfigurationError(
                f"PORTICO_OVERRIDE_ORIGINS has {faults[0]!r}; write origins like https://preview.example or "
                "http://localhost:5173, separated by spaces. Plain http is taken on loopback alone, and so is :* for "
                "every port."
            )
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "data_dir", Path(self.data_dir).absolute())
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

    def key_file(self, name: str) -> Path:
        """The file of one part's secret keys."""
        return self.data_dir / "keys" / f"{name}.json"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> HostConfig:
        """Read the settings of docs/reference/settings.md; raises ConfigurationError that names every fault."""
        faults = [
            f"{key} is not set: {why}"
            for key, why in {
                "PORTICO_BASE_URL": "the origin that people see, for example https://portico.example",
                "PORTICO_DATA_DIR": "the folder for databases, keys and releases",
            }.items()
            if not environment.get(key)
        ]
        issuer = environment.get("OIDC_ISSUER")
        if issuer:
            faults += [f"{key} is not set, and OIDC_ISSUER is" for key in _OIDC_KEYS if not environment.get(key)]
        if faults:
            raise ConfigurationError("; ".join(faults))
        provider = None
        if issuer:
            provider = ProviderConfig(
                issuer=issuer, client_id=environment["OIDC_CLIENT_ID"], client_secret=environment["OIDC_CLIENT_SECRET"]
            )
        return cls(
            base_url=environment["PORTICO_BASE_URL"],
            data_dir=Path(environment["PORTICO_DATA_DIR"]),
            provider=provider,
            manifest_database=environment.get("PORTICO_MANIFEST_DATABASE", ""),
            assets=environment.get("PORTICO_ASSETS", ""),
            nats_url=environment.get("NATS_URL", ""),
            push_hosts=tuple(environment.get("PORTICO_PUSH_HOSTS", "").split()),
            region=environment.get("PORTICO_REGION", "local"),
            demo=environment.get("PORTICO_DEMO") == "1",
            bff_urls=_pairs(environment.get("PORTICO_BFF_URLS", "")),
            bff_origins=frozenset(environment.get("PORTICO_BFF_ORIGINS", "").split()),
            developer_roles=frozenset(environment.get("PORTICO_DEVELOPER_ROLES", "developer").split()),
            override_origins=_origins(environment.get("PORTICO_OVERRIDE_ORIGINS")),
            release_origins=release_origins(environment),
            load_timeout_ms=_milliseconds(environment, "PORTICO_LOAD_TIMEOUT_MS", default=10_000),
            entry_budget_kb=entry_budget(environment),
            imd=imd_settings(environment),
        )


_OIDC_KEYS = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def entry_budget(environment: Mapping[str, str]) -> int | None:
    """Return the size budget of apps without one of their own; raises ConfigurationError for what is none."""
    text = environment.get("PORTICO_ENTRY_BUDGET_KB", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 6 and 0 < int(text) <= 100_000):
        raise ConfigurationError(f"PORTICO_ENTRY_BUDGET_KB must be 1 to 100000 (kilobytes), not {text!r}")
    return int(text) if text else None


def imd_settings(environment: Mapping[str, str]) -> ImdSettings | None:
    """Return the settings of the file that PORTICO_IMD names; raises ConfigurationError with every fault."""
    try:
        return ImdSettings.from_environment(environment)
    except InvalidImdSettings as error:
        raise ConfigurationError(f"PORTICO_IMD: {error}") from error


def _pairs(text: str) -> dict[str, str]:
    """`shop=http://127.0.0.1:9001 shop@2.0.0=http://...` as a mapping."""
    pairs = {}
    for word in text.split():
        name, equals, url = word.partition("=")
        if not (name and equals and url.startswith(("http://", "https://"))):
            raise ConfigurationError(
                f"PORTICO_BFF_URLS has {word!r}; write app=http://address or app@version=http://address, "
                "separated by spaces"
            )
        pairs[name] = url.rstrip("/")
    return pairs


def _origins(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(word.rstrip("/") for word in text.split())


def release_origins(environment: Mapping[str, str]) -> frozenset[str]:
    """The origins that files of releases may be fetched from; raises ConfigurationError for what is none."""
    origins = _origins(environment.get("PORTICO_RELEASE_ORIGINS", "")) or frozenset()
    if faults := [origin for origin in origins if not _is_origin(origin) or origin.endswith(":*")]:
        raise ConfigurationError(
            f"PORTICO_RELEASE_ORIGINS has {faults[0]!r}; write origins like https://cdn.example, separated by spaces. "
            "Plain http is taken on loopback alone."
        )
    return origins


def _is_origin(origin: str) -> bool:
    bare = origin.removesuffix(":*")
    if origin_of(f"{bare}/") != bare:
        return False
    return is_loopback(urlsplit(bare).hostname or "") or (bare.startswith("https:") and bare == origin)


def _milliseconds(environment: Mapping[str, str], key: str, *, default: int) -> int:
    text = environment.get(key, str(default))
    if not text.isdecimal() or int(text) == 0:
        raise ConfigurationError(f"{key} is {text!r}; write a number of milliseconds, for example {default}")
    return int(text)


def is_loopback(hostname: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    if hostname in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
