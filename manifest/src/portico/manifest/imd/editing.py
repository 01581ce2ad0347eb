"""From a client's change to the next revision: pure, so that it can be made again when somebody else was faster."""

from collections.abc import Mapping
from types import MappingProxyType

from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import Authorship, External
from portico.manifest.imd.bodies import Patch
from portico.manifest.imd.integrity import Digests, check
from portico.manifest.import_map import CHECKS

_NOTHING: Mapping[str, Digests] = MappingProxyType({})


def patched(
    revision: ChannelRevision, patch: Patch, by: Authorship, found: Mapping[str, Digests] = _NOTHING
) -> ChannelRevision:
    """Return the next revision, with the patch; ``found`` are the digests of the addresses that were fetched.

    Integrity belongs to a URL: every module that has the URL has it, and an edit that does not name it leaves it there
    as long as a module has the URL. That of a URL which no module has is kept beside them (``CHECKS``).

    Raises ``IntegrityMismatch`` when a fetched address is not what its integrity in the new map says.
    """
    checks = _checks(revision)
    known = {**checks, **_integrity(revision.externals), **patch.integrity}
    changes: dict[str, External | None] = {
        specifier: External(url, known.get(url)) for specifier, url in patch.imports.items()
    }
    changes |= {
        specifier: External(external.url, patch.integrity[external.url])
        for specifier, external in revision.externals.items()
        if patch.integrity and specifier not in changes and external.url in patch.integrity
    }
    for url, digests in found.items():
        if (said := known.get(url)) is not None:
            check(url, said, digests)
    with_a_module = {external.url for external in changes.values() if external is not None}
    kept = {url: said for url, said in {**checks, **patch.integrity}.items() if said and url not in with_a_module}
    return _next(revision, changes, kept, by, patch)


def without_service(revision: ChannelRevision, service: str, by: Authorship) -> ChannelRevision:
    """Return the next revision, without a module and what is below its name; ``revision`` when there is none such."""
    return _next(revision, {service: None, f"{service}/": None}, _checks(revision), by, Patch())


def _next(
    revision: ChannelRevision,
    changes: Mapping[str, External | None],
    checks: Mapping[str, str],
    by: Authorship,
    patch: Patch,
) -> ChannelRevision:
    extra = {**patch.extra, CHECKS: dict(checks) or None}
    return revision.with_externals(changes, by, scopes=patch.scopes, extra=extra)


def _checks(revision: ChannelRevision) -> Mapping[str, str]:
    found: Mapping[str, str] = revision.extra.get(CHECKS, {})
    return found


def _integrity(externals: Mapping[str, External]) -> dict[str, str]:
    return {external.url: external.integrity for external in externals.values() if external.integrity}
