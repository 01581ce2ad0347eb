"""Full-text search: a port, its adapters for SQLite and PostgreSQL, and the folding of text that both sides share.

Text is folded the same way when it is stored and when it is sought: compatibility forms unified, case and Latin accents
dropped, punctuation made into spaces. What a person types is therefore only ever words, never query syntax.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final, Protocol

import msgspec

from portico.bff.access import Parameters
from portico.bff.entity import EntityType, Key, Reach, SearchText
from portico.sql import Statement

_LONGEST_QUERY: Final = 200
_MOST_TERMS: Final = 8
_TRIGRAM: Final = 3
# Letters that people type without their stroke or as two, and that Unicode does not take apart.
_PLAIN: Final = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}

# A kind that is everyone's no longer, or of late, leaves nothing on the other shelf.
_ADD: Final = """
    WITH moved AS (DELETE FROM search_documents WHERE pk = $1 AND sk = $2 AND shelf <> $5::text)
    INSERT INTO search_documents (pk, sk, discriminator, title, body, shelf, reach, owner, tenant, claim_value, grams)
    SELECT pk, sk, discriminator, $3::text, $4::text, $5::text, reach, owner, tenant, claim_value,
      ARRAY(SELECT json_array_elements_text($6::json))
    FROM entities WHERE pk = $1 AND sk = $2
    ON CONFLICT (pk, sk, shelf) DO UPDATE SET title = excluded.title, body = excluded.body, reach = excluded.reach,
      owner = excluded.owner, tenant = excluded.tenant, claim_value = excluded.claim_value, grams = excluded.grams
    WHERE (search_documents.title, search_documents.body, search_documents.owner, search_documents.tenant,
      search_documents.claim_value) IS DISTINCT FROM (excluded.title, excluded.body, excluded.owner, excluded.tenant,
      excluded.claim_value)
"""


class Search(Protocol):
    """Keeps the searchable text of rows, in the same write group as the rows."""

    def add(self, key: Key, kind: EntityType[Any], text: SearchText) -> Statement:
        """The statement that makes (or keeps) a row findable by this text."""
        ...

    def remove(self, key: Key) -> Statement:
        """The statement that makes a row unfindable."""
        ...

    def hits(self, text: str, kind: EntityType[Any], parameters: Parameters) -> str | None:
        """A subquery of ``(pk, sk, tier, score)``, better is smaller, for rows that hold every word of ``text``.

        None when there is no word in it, which finds nothing.
        """
        ...


class SqliteSearch(Search):
    """FTS5 with trigrams, so that a word is found by any three of its letters, in any script.

    Shorter words cannot be found by trigrams: Latin ones match at the start of a word, others (one or two characters
    are a whole word in Chinese or Japanese) anywhere, by looking through the folded text.
    """

    def add(self, key: Key, kind: EntityType[Any], text: SearchText) -> Statement:
        """See ``Search.add``; rewriting the same text costs nothing in the index."""
        return Statement(
            "INSERT INTO search_documents (pk, sk, discriminator, title, body) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (pk, sk) DO UPDATE SET title = excluded.title, body = excluded.body"
            " WHERE search_documents.title <> excluded.title OR search_documents.body <> excluded.body",
            (key.pk, key.sk, kind.discriminator, f" {fold(text.title)}", f" {fold(text.body)}"),
        )

    def remove(self, key: Key) -> Statement:
        """See ``Search.remove``."""
        return Statement("DELETE FROM search_documents WHERE pk = $1 AND sk = $2", (key.pk, key.sk))

    def hits(self, text: str, kind: EntityType[Any], parameters: Parameters) -> str | None:
        """See ``Search.hits``. Tier 0: the title has a word that starts with the first one sought."""
        terms = words_of(text)
        if not terms:
            return None
        first = parameters.add(f" {terms[0]}")
        where = [f"d.discriminator = {parameters.add(kind.discriminator)}"]
        for term in terms:
            if len(term) < _TRIGRAM:
                part = parameters.add(f" {term}" if term.isascii() else term)
                where.append(f"(instr(d.title, {part}) > 0 OR instr(d.body, {part}) > 0)")
        tier = f"CASE WHEN instr(d.title, {first}) > 0 THEN 0 ELSE 1 END AS tier"
        phrases = " AND ".join(f'"{term}"' for term in terms if len(term) >= _TRIGRAM)
        if not phrases:
            return f"SELECT d.pk, d.sk, {tier}, 0 AS score FROM search_documents AS d WHERE {' AND '.join(where)}"  # noqa: S608
        where.insert(0, f"search_text MATCH {parameters.add(phrases)}")
        return (
            f"SELECT d.pk, d.sk, {tier}, bm25(search_text, 8.0, 1.0) AS score"  # noqa: S608 (placeholders alone)
            f" FROM search_text JOIN search_documents AS d ON d.id = search_text.rowid WHERE {' AND '.join(where)}"
        )


class PostgresSearch(Search):
    """The same words found in the same way, by a table in two parts.

    What everyone may see is found by an index of trigrams, kept in an array: so no extension is needed, and any script
    is served. All else is under row-level security, which keeps statements from such an index (its operators are not
    leakproof): the kind's rows are looked through.
    """

    def add(self, key: Key, kind: EntityType[Any], text: SearchText) -> Statement:
        """See ``Search.add``; whose the text is, it takes from its row."""
        title, body = f" {fold(text.title)}", f" {fold(text.body)}"
        is_open = kind.reach is Reach.EVERYONE
        grams = sorted(trigrams(f"{title} {body}")) if is_open else []
        return Statement(
            _ADD, (key.pk, key.sk, title, body, "open" if is_open else "closed", msgspec.json.encode(grams).decode())
        )

    def remove(self, key: Key) -> Statement:
        """See ``Search.remove``."""
        return Statement("DELETE FROM search_documents WHERE pk = $1 AND sk = $2", (key.pk, key.sk))

    def hits(self, text: str, kind: EntityType[Any], parameters: Parameters) -> str | None:
        """See ``Search.hits``. The score counts the words that are in the title."""
        terms = words_of(text)
        if not terms:
            return None
        where = [f"d.discriminator = {parameters.add(kind.discriminator)}"]
        first = parameters.add(f" {terms[0]}")
        in_title = []
        for term in terms:
            part = parameters.add(f" {term}" if len(term) < _TRIGRAM and term.isascii() else term)
            in_title.append(f"strpos(d.title, {part}) > 0")
            where.append(f"({in_title[-1]} OR strpos(d.body, {part}) > 0)")
        if kind.reach is Reach.EVERYONE and (grams := sorted(trigrams(" ".join(terms)))):
            wanted = parameters.add(msgspec.json.encode(grams).decode())
            where.append(f"d.grams @> ARRAY(SELECT json_array_elements_text({wanted}::json))")
        table = "search_open" if kind.reach is Reach.EVERYONE else "search_documents"
        score = " + ".join(f"CASE WHEN {found} THEN -1 ELSE 0 END" for found in in_title)
        return (
            f"SELECT d.pk, d.sk, CASE WHEN strpos(d.title, {first}) > 0 THEN 0 ELSE 1 END AS tier, {score} AS score"  # noqa: S608
            f" FROM {table} AS d WHERE {' AND '.join(where)}"
        )


def trigrams(folded: str) -> set[str]:
    """Every three letters in a row within the words of a folded text."""
    return {word[at : at + _TRIGRAM] for word in folded.split() for at in range(len(word) - _TRIGRAM + 1)}


def fold(text: str) -> str:
    """Return the words of ``text`` for comparing, with one space between them."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(_folded(character) for character in plain)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def words_of(text: str) -> tuple[str, ...]:
    """Return what a person seeks: at most 8 different folded words of the first 200 characters."""
    return tuple(dict.fromkeys(fold(text[:_LONGEST_QUERY]).split()))[:_MOST_TERMS]


def _folded(character: str) -> str:
    if "\u0300" <= character <= "\u036f" or character in "'\u2019\u02bc`":
        return ""  # Latin accents, and the apostrophe within a word
    if "\u064b" <= character <= "\u0652" or character in "\u0670\u0640":
        return ""  # Arabic vowel marks and the tatweel, which are hardly ever typed
    if character in _PLAIN:
        return _PLAIN[character]
    # Letters, marks of other scripts (they change the word), digits, and symbols such as emoji.
    return character if unicodedata.category(character)[0] in "LMN" or _is_symbol(character) else " "


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) == "So"
