"""The manifest: what teams deploy and the host serves. Everything public is here."""

from portico.manifest.access import AccessStore, Signature, issue_token, revoke_token
from portico.manifest.app_manifest import AppManifest, Bff, MountPointEntry, Route, Share
from portico.manifest.assets import AssetStore, FolderAssets
from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import Authorship, Change, ChannelEntry, External, WeightedRelease
from portico.manifest.deployer import create_deployer, deployer_routes
from portico.manifest.errors import (
    AppNameTaken,
    AssetMissing,
    AssetsUnavailable,
    BudgetExceeded,
    ContractBroken,
    Finding,
    InvalidArchive,
    InvalidChannel,
    InvalidCursor,
    InvalidManifest,
    InvalidRelease,
    InvalidToken,
    ManifestError,
    NotYourApp,
    Refused,
    RevisionConflict,
    SpecifierClash,
    UnknownApp,
    UnknownRelease,
    UnknownRevision,
    UnknownToken,
    UnsupportedAssets,
    UploadTooLarge,
    VersionTaken,
)
from portico.manifest.flags.subject import Subject
from portico.manifest.import_map import ImportMap, Module, import_map
from portico.manifest.limits import Limits
from portico.manifest.manifest import LIVE, Manifest
from portico.manifest.modules import Import
from portico.manifest.offline import Ahead, Offline, Read
from portico.manifest.platform_assets import PlatformAssets
from portico.manifest.platform_builds import keep_platform
from portico.manifest.preload import preloads, reachable
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.schemas import load_schema
from portico.manifest.snapshot import Offer, RouteMatch, Snapshot, match_route
from portico.manifest.state import ChannelState
from portico.manifest.store import ManifestStore, Page
from portico.manifest.tokens import DeployToken, new_token, token_hash
from portico.manifest.unpacked import UnpackedApp

__all__ = [
    "LIVE",
    "AccessStore",
    "Ahead",
    "AppManifest",
    "AppNameTaken",
    "AssetMissing",
    "AssetStore",
    "AssetsUnavailable",
    "Authorship",
    "Bff",
    "BudgetExceeded",
    "Change",
    "ChannelEntry",
    "ChannelRevision",
    "ChannelState",
    "ContractBroken",
    "DeployToken",
    "External",
    "Finding",
    "FolderAssets",
    "Import",
    "ImportMap",
    "InvalidArchive",
    "InvalidChannel",
    "InvalidCursor",
    "InvalidManifest",
    "InvalidRelease",
    "InvalidToken",
    "Limits",
    "Manifest",
    "ManifestError",
    "ManifestStore",
    "Module",
    "MountPointEntry",
    "NotYourApp",
    "Offer",
    "Offline",
    "Page",
    "PlatformAssets",
    "Read",
    "Refused",
    "Release",
    "ReleaseFile",
    "RevisionConflict",
    "Route",
    "RouteMatch",
    "Share",
    "Signature",
    "Snapshot",
    "SpecifierClash",
    "Subject",
    "UnknownApp",
    "UnknownRelease",
    "UnknownRevision",
    "UnknownToken",
    "UnpackedApp",
    "UnsupportedAssets",
    "UploadTooLarge",
    "VersionTaken",
    "WeightedRelease",
    "create_deployer",
    "deployer_routes",
    "import_map",
    "issue_token",
    "keep_platform",
    "load_schema",
    "match_route",
    "new_token",
    "preloads",
    "reachable",
    "revoke_token",
    "token_hash",
]
