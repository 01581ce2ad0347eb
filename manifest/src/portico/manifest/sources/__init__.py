"""Releases whose files are hosted elsewhere: fetched once, hashed, kept here like any other."""

from portico.manifest.sources.fetching import Sources, fetch_all
from portico.manifest.sources.listing import SourceFile, SourceListing, checked

__all__ = ["SourceFile", "SourceListing", "Sources", "checked", "fetch_all"]
