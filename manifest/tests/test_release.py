"""Releases: the digest names the content, and nothing else."""

import base64
import hashlib
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifest.tests.manifest_world import NOON, app_files, release_of
from portico.manifest.release import ReleaseFile, asset_url, content_digest, integrity_of
from portico.manifest.schemas import validator

paths = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12)
contents = st.dictionaries(paths, st.binary(max_size=40), min_size=1, max_size=6)


def described(files: dict[str, bytes], kind: str = "text/plain") -> list[ReleaseFile]:
    return [ReleaseFile(path, len(data), kind, integrity_of(data)) for path, data in files.items()]


@given(contents, st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_files_nor_their_media_type(
    files: dict[str, bytes], random: Random
) -> None:
    shuffled = described(files, "application/json")
    random.shuffle(shuffled)
    assert content_digest(shuffled) == content_digest(described(files))


@given(contents, contents)
def test_other_content_has_another_digest(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (content_digest(described(one)) == content_digest(described(other))) == (one == other)


def test_neither_time_nor_creator_is_part_of_the_digest() -> None:
    assert release_of(app_files()).digest == release_of(app_files(), created_at=NOON + timedelta(days=1)).digest


def test_integrity_is_the_sha384_of_the_bytes() -> None:
    expected = base64.b64encode(hashlib.sha384(b"content").digest()).decode()
    assert integrity_of(b"content") == f"sha384-{expected}"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("a/b.js", "/a/shop/d/a/b.js"),
        ("a b#?.js", "/a/shop/d/a%20b%23%3F.js"),
        ("é.js", "/a/shop/d/%C3%A9.js"),
        ("100%.js", "/a/shop/d/100%25.js"),
        ("@scope/it's(1).js", "/a/shop/d/@scope/it's(1).js"),
    ],
)
def test_a_files_url_is_what_a_browser_makes_of_it(path: str, url: str) -> None:
    assert asset_url("shop", "d", path) == url


def test_the_document_follows_its_schema() -> None:
    document = release_of(app_files()).to_document()
    validator("release").validate(document)
    assert [file["path"] for file in document["files"]] == ["app.json", "shop.js"]
