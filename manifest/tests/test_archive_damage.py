"""Uploads that nobody's tool would make: whatever comes, it is unpacked or refused, and never an error of ours."""

import gzip
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifest.tests.manifest_world import LIMITS, app_files, tar_gz
from portico.manifest import InvalidArchive
from portico.manifest.archive import unpack

VALID = tar_gz(app_files())
PLAIN = gzip.decompress(VALID)


def names_of(content: bytes, folder: Path) -> list[str]:
    """The names that come out; none when the upload is refused."""
    (folder / "upload").write_bytes(content)
    try:
        return list(unpack(folder / "upload", folder / "files", LIMITS).files)
    except InvalidArchive:
        return []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_gets_more_than_a_refusal(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 6))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    files = names_of(gzip.compress(bytes(plain), 1), tmp_path_factory.mktemp("damaged"))
    assert all(".." not in name.split("/") and not name.startswith("/") for name in files)


def header(data: st.DataObject) -> bytes:
    """A header block with a right checksum, and a body, which may be anything that ``tarfile`` looks into."""
    kinds = b"\x0001234567LKxgSXDVNAIZ"
    made = bytearray(tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT))
    made[156] = data.draw(st.sampled_from(kinds))
    body = data.draw(st.one_of(st.binary(max_size=1100), st.lists(st.builds(pax, KEYWORDS, VALUES)).map(b"".join)))
    made[124:136] = data.draw(st.sampled_from([b"%011o\0" % len(body), b"7" * 12, b"\x80" + b"\xff" * 11]))
    for _ in range(data.draw(st.integers(0, 3))):
        made[data.draw(st.integers(0, 511))] = data.draw(st.integers(0, 255))
    made[148:156] = b"        "
    made[148:156] = b"%06o\0 " % sum(made)
    return bytes(made) + body + b"\0" * (-len(body) % 512)


def pax(keyword: str, value: str) -> bytes:
    """A record of an extended header."""
    record = f" {keyword}={value}\n".encode("utf-8", "surrogatepass")
    length = next(n for n in range(1000) if len(str(n)) + len(record) == n)
    return b"%d" % length + record


KEYWORDS = st.sampled_from(["path", "size", "mtime", "uid", "hdrcharset", "linkpath", "GNU.sparse.map"]) | (
    st.sampled_from(["size", "realsize", "major", "minor", "name", "offset", "numbytes"]).map("GNU.sparse.".__add__)
)
VALUES = st.sampled_from(["0", "1", "-1", "1e999", "nan", "9" * 30, "BINARY", "1,2,3", "x", ""]) | st.text(max_size=20)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_headers_get_more_than_a_refusal(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = b"".join(header(data) for _ in range(data.draw(st.integers(1, 4)))) + b"\0" * 1024
    files = names_of(gzip.compress(plain, 1), tmp_path_factory.mktemp("headers"))
    assert all(".." not in name.split("/") and not name.startswith("/") for name in files)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rubbish=st.binary(max_size=2000), keep=st.integers(0, len(VALID)), flips=st.lists(st.integers(0, 8 * 400)))
def test_no_upload_gets_more_than_a_refusal(
    rubbish: bytes, keep: int, flips: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    upload = bytearray(VALID[:keep] + rubbish)
    for flip in flips:
        if flip // 8 < len(upload):
            upload[flip // 8] ^= 1 << flip % 8
    assert set(names_of(bytes(upload), tmp_path_factory.mktemp("flipped"))) <= {"app.json", "shop.js"}
