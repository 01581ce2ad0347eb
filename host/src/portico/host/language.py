"""The page's language: what the person has set on this device, else what their browser asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from starlette.requests import Request

from portico.host.arabic import ARABIC, PLAIN, RUNTIME

COOKIE = "portico_locale"
"""Set by the page (`setLocale` of the sdk's `i18n`); it holds a language tag."""
_LONGEST = 1000
"""Characters of `Accept-Language` that are looked at."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the shell speaks: its BCP 47 tag, its way of writing, and its sentences by the English ones.

    Those of the runtime are apart: they go with the page.
    """

    tag: str
    direction: Literal["ltr", "rtl"]
    sentences: Mapping[str, str]
    runtime: Mapping[str, str]

    def say(self, sentence: str) -> str:
        """An English sentence of the shell in this language."""
        return self.sentences.get(sentence, sentence)


ENGLISH = Language("en", "ltr", MappingProxyType({}), MappingProxyType({}))
LANGUAGES = {one.tag: one for one in (ENGLISH, Language("ar", "rtl", ARABIC | PLAIN, RUNTIME))}


def language_of(cookies: str, accept: str) -> Language:
    """The language for a request's headers `Cookie` and `Accept-Language` (RFC 9110, 12.5.4), else English."""
    for tag in (_chosen(cookies), *_wanted(accept)):
        # Lookup (RFC 4647, 3.4): the shell's languages have no regions.
        found = LANGUAGES.get(tag.partition("-")[0].lower())
        if found is not None:
            return found
    return ENGLISH


def language_asked(request: Request) -> Language:
    """The language that a request's page is in."""
    return language_of(request.headers.get("cookie", ""), request.headers.get("accept-language", ""))


def _chosen(cookies: str) -> str:
    # Not by `http.cookies`: on many versions of Python it takes seconds for a long value in quotes (CVE-2024-7592).
    for pair in cookies.split(";"):
        name, _, value = pair.strip(" \t").partition("=")
        if name == COOKIE:
            return value.strip('"')
    return ""


def _wanted(accept: str) -> list[str]:
    """The tags of an `Accept-Language`, most wanted first; those with weight 0 are not wanted."""
    weighted = [_weighted(part) for part in accept[:_LONGEST].split(",")]
    return [tag for tag, weight in sorted(weighted, key=lambda one: -one[1]) if weight > 0]


def _weighted(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return tag.strip(), 1.0
    try:
        return tag.strip(), float(value)
    except ValueError:
        return tag.strip(), 0.0
