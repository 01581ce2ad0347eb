"""From a client's change to the next revision: pure, so that it can be made again when somebody else was faster."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import Authorship, External
from portico.manifest.imd.bodies import Patch
from portico.manifest.imd.integrity import Digests, check

_NOTHING: Mapping[str, Digests] = MappingProxyType({})


def patched(
    revision: ChannelRevision, patch: Patch, by: Authorship, found: Mapping[str, Digests] = _NOTHING
) -> ChannelRevision:
    """Return the next revision, with the patch; ``found`` are the digests of the addresses that were fetched.

    Integrity belongs to a URL: every module that has the URL has it, and it stays when an edit does not name it, as
    long as a module has the URL. For a URL that no module has (one that another file imports), the URL itself is kept
    as a specifier that means itself, which changes nothing for a browser but that it is checked.

    Raises ``IntegrityMismatch`` when a fetched address is not what its integrity in the new map says.
    """
    integrity = {external.url: external.integrity for external in revision.externals.values() if external.integrity}
    changes: dict[str, External | None] = {}
    known = {**integrity, **patch.integrity}
    for specifier, url in patch.imports.items():
        changes[specifier] = External(url, known.get(url))
    if patch.integrity:
        _set_integrity(revision, patch.integrity, changes)
    _drop_unused(revision, patch.imports, changes)
    for url, digests in found.items():
        if (said := known.get(url)) is not None:
            check(url, said, digests)
    return revision.with_externals(changes, by, scopes=patch.scopes, extra=patch.extra)


def without_service(revision: ChannelRevision, service: str, by: Authorship) -> ChannelRevision:
    """Return the next revision, without a module and what is below its name; ``revision`` when there is none such."""
    changes: dict[str, External | None] = {service: None, f"{service}/": None}
    _drop_unused(revision, changes, changes)
    return revision.with_externals(changes, by)


def is_check_alone(specifier: str, external: External) -> bool:
    """Whether this is integrity for a URL that no module has (see ``patched``), and no entry that a client made."""
    return specifier == external.url and external.integrity is not None


def _set_integrity(
    revision: ChannelRevision, given: Mapping[str, str | None], changes: dict[str, External | None]
) -> None:
    """Say the integrity given for a URL at every module that has the URL, or at the URL itself."""
    homeless = dict(given)
    for external in changes.values():
        if external is not None:
            homeless.pop(external.url, None)
    for specifier, external in revision.externals.items():
        if specifier not in changes and external.url in given and not is_check_alone(specifier, external):
            changes[specifier] = External(external.url, given[external.url])
            homeless.pop(external.url, None)
    for url, said in homeless.items():
        changes[url] = None if said is None else External(url, said)


def _drop_unused(revision: ChannelRevision, named: Iterable[str], changes: dict[str, External | None]) -> None:
    """Take away the integrity, kept by itself, of URLs that a changed module had or has got."""
    for specifier in list(named):
        before, after = revision.externals.get(specifier), changes[specifier]
        for url in (before.url if before else None, after.url if after else None):
            if url is None or url in changes:
                continue
            kept = revision.externals.get(url)
            if kept is not None and is_check_alone(url, kept):
                changes[url] = None
