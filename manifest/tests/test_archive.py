"""Uploads: what is unpacked, and what never touches the disk."""

import gzip
import io
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from manifest.tests.manifest_world import LIMITS, app_files, tar_gz, tar_of
from portico.manifest import InvalidArchive, Limits, UnpackedApp
from portico.manifest.archive import unpack
from portico.manifest.packing import pack


def entry(name: str, kind: bytes = tarfile.REGTYPE, *, size: int = 0, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, link
    return made


def unpacked(content: bytes, folder: Path, limits: Limits = LIMITS) -> dict[str, bytes]:
    upload = folder / "upload"
    upload.write_bytes(content)
    app = unpack(upload, folder / "files", limits)
    return {name: path.read_bytes() for name, path in app.files.items()}


def refusal(content: bytes, folder: Path, limits: Limits = LIMITS) -> tuple[str, str]:
    with pytest.raises(InvalidArchive) as refused:
        unpacked(content, folder, limits)
    finding = refused.value.findings[0]
    return finding.pointer, finding.detail


def test_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    files = app_files() | {"deep/er/é.txt": b"\0\xff" * 5000, "empty": b""}
    assert unpacked(tar_gz(files), tmp_path) == files


def test_an_archive_made_by_tar_itself_is_taken(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "app.json").write_bytes(b"{}")
    (source / "deep" / "a.js").write_bytes(b"1")
    made = tmp_path / "made.tar.gz"
    assert os.spawnlp(os.P_WAIT, "tar", "tar", "czf", str(made), "-C", str(source), ".") == 0
    assert unpacked(made.read_bytes(), tmp_path) == {"app.json": b"{}", "deep/a.js": b"1"}


def test_joined_gzip_members_are_one_file(tmp_path: Path) -> None:
    plain = gzip.decompress(tar_gz(app_files()))
    joined = gzip.compress(plain[:700]) + gzip.compress(plain[700:])
    assert unpacked(joined, tmp_path) == app_files()


BAD_NAMES = [
    ("../evil.js", "leads out"),
    ("a/../../evil.js", "leads out"),
    ("/etc/passwd", "absolute"),
    ("a//b.js", "empty or dot"),
    ("a/./b.js", "empty or dot"),
    ("..\\evil.js", "every system"),
    ("C:evil.js", "every system"),
    ("a\nb.js", "control"),
    ("con.js", "reserve"),
    ("a/NUL", "reserve"),
    ("a./b.js", "ends with a dot"),
    ("a /b.js", "ends with a dot"),
    ("x" * 256, "too long"),
    ("/".join(["x" * 100] * 6), "too long"),
]


@pytest.mark.parametrize(("name", "why"), BAD_NAMES)
def test_a_name_that_is_not_safe_everywhere_is_refused(name: str, why: str, tmp_path: Path) -> None:
    place, detail = refusal(tar_gz(app_files() | {name: b"x"}), tmp_path)
    assert place == f"archive:{name}"[:308]
    assert why in detail


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.GNU_FORMAT, encoding="latin-1") as tar:
        tar.addfile(entry("é.js"))
    assert "UTF-8" in refusal(buffer.getvalue(), tmp_path)[1]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (tarfile.SYMTYPE, "link"),
        (tarfile.LNKTYPE, "link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "device"),
        (b"Z", "device"),
    ],
)
def test_only_files_and_folders_are_taken(kind: bytes, why: str, tmp_path: Path) -> None:
    place, detail = refusal(tar_of((entry("odd", kind, link="/etc/passwd"), b"")), tmp_path)
    assert place == "archive:odd"
    assert why in detail


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["a.js", "a.js"], "twice"),
        (["a.js", "A.js"], "case alone"),
        (["straße.js", "STRASSE.js"], "case alone"),
        (["caf\u00e9.js", "cafe\u0301.js"], "case alone"),
        (["a", "a/b.js"], "which is a file"),
        (["a/b.js", "A"], "a folder for"),
    ],
)
def test_names_that_some_disk_holds_to_be_one_are_refused(names: list[str], why: str, tmp_path: Path) -> None:
    place, detail = refusal(tar_of(*((entry(name), b"") for name in names)), tmp_path)
    assert place == f"archive:{names[1]}"
    assert why in detail


def test_every_wrong_entry_is_named(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(tar_gz({"../a": b"", "b": b"", "/c": b""}))
    with pytest.raises(InvalidArchive) as refused:
        unpack(tmp_path / "upload", tmp_path / "files", LIMITS)
    assert [finding.pointer for finding in refused.value.findings] == ["archive:../a", "archive:/c"]


def test_a_bomb_is_stopped_before_it_is_on_disk(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    place, detail = refusal(bomb, tmp_path)
    assert place == "archive"
    assert "unpacks to more than" in detail
    on_disk = sum(path.stat().st_size for path in (tmp_path / "files").iterdir())
    assert on_disk <= max(len(bomb) * LIMITS.ratio, LIMITS.ratio_from)


def test_a_bomb_inside_a_bomb_stays_as_small_as_it_was_sent(tmp_path: Path) -> None:
    inner = gzip.compress(b"\0" * 5_000_000)
    assert unpacked(tar_gz({"inner.gz": inner}), tmp_path) == {"inner.gz": inner}


def test_files_that_are_too_large_or_too_many_are_named(tmp_path: Path) -> None:
    big = os.urandom(LIMITS.file + 1)
    assert refusal(tar_gz({"big": big}), tmp_path, Limits(file=LIMITS.file))[0] == "archive:big"
    many = tar_gz({f"f{number:03}": b"" for number in range(LIMITS.files + 1)})
    (tmp_path / "second").mkdir()
    assert refusal(many, tmp_path / "second")[0] == f"archive:f{LIMITS.files:03}"


def test_a_header_of_any_size_takes_no_memory(tmp_path: Path) -> None:
    long_name = entry("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=40_000_000)
    bomb = tar_of((long_name, b"x" * 40_000_000))
    (tmp_path / "upload").write_bytes(bomb)
    tracemalloc.start()
    with pytest.raises(InvalidArchive, match="header is too large"):
        unpack(tmp_path / "upload", tmp_path / "files", Limits(ratio=10_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_headers_before_one_entry_are_bounded(tmp_path: Path) -> None:
    chain = [(entry("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=2), b"a\0")] * 3_000
    place, detail = refusal(tar_of(*chain, (entry("a.js"), b"")), tmp_path, Limits(ratio=10_000))
    assert (place, "too many headers" in detail) == ("archive", True)


def test_a_list_of_holes_is_not_read_into_memory(tmp_path: Path) -> None:
    holes = b"9999999\n" + b"0\n" * 10_000_000
    sparse = entry("a.js", size=len(holes))
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "a.js"}
    assert "too many headers" in refusal(tar_of((sparse, holes)), tmp_path, Limits(ratio=10_000))[1]


def test_headers_are_forgotten_with_their_entry(tmp_path: Path) -> None:
    entries = [entry(f"{number}.js") for number in range(200)]
    for made in entries:
        made.pax_headers = {f"x.{number}": "" for number in range(1_000)}
    (tmp_path / "upload").write_bytes(tar_of(*((made, b"") for made in entries)))
    tracemalloc.start()
    assert len(unpack(tmp_path / "upload", tmp_path / "files", Limits(ratio=10_000)).files) == 200
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_headers_for_all_entries_are_bounded(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    shared = {f"x.{number}": "" for number in range(1_000)}
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers=shared) as tar:
        tar.addfile(entry("a.js"))
        tar.addfile(entry("b.js"))
    assert "too many headers" in refusal(buffer.getvalue(), tmp_path)[1]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.REGTYPE])
def test_a_negative_size_does_not_send_the_reader_round_in_circles(kind: bytes, tmp_path: Path) -> None:
    header = bytearray(entry("a", kind).tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 12  # the base-256 form of -1
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    assert refusal(gzip.compress(bytes(header) + b"\0" * 2048), tmp_path)[0].startswith("archive")


VALID = tar_gz(app_files())
PLAIN = gzip.decompress(VALID)
RUBBISH = {
    "nothing": b"",
    "text": b"not an archive",
    "a zip": b"PK\x03\x04" + b"\0" * 100,
    "a plain tar": PLAIN,
    "gzip of text": gzip.compress(b"hello " * 500),
    "gzip of nothing": gzip.compress(b""),
    "cut in the gzip": VALID[:-20],
    "cut in the checksum": VALID[:-4],
    "cut in the tar": gzip.compress(PLAIN[:700]),
    "tar without its end": gzip.compress(PLAIN[:2048]),
    "bytes after the gzip": VALID + b"trailing",
    "bytes after the tar": gzip.compress(PLAIN + b"trailing"),
    "a damaged header": gzip.compress(PLAIN[:1024] + b"\x55" * 512 + PLAIN[1536:]),
    "a damaged block": VALID[:30] + bytes([VALID[30] ^ 0xFF]) + VALID[31:],
}


@pytest.mark.parametrize("content", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_is_refused_as_such(content: bytes, tmp_path: Path) -> None:
    place, detail = refusal(content, tmp_path)
    assert place == "archive"
    assert detail


def test_packing_is_the_same_on_every_machine_and_at_any_time(tmp_path: Path) -> None:
    packed = []
    for moment in (0, 1_700_000_000):
        folder = tmp_path / str(moment)
        (folder / "deep").mkdir(parents=True)
        for name in sorted(app_files() | {"deep/a.js": b"1"}, reverse=bool(moment)):
            path = folder / name
            path.write_bytes((app_files() | {"deep/a.js": b"1"})[name])
            path.chmod(0o600 if moment else 0o755)
            os.utime(path, (moment, moment))
        buffer = io.BytesIO()
        pack(UnpackedApp.of_folder(folder), buffer)
        packed.append(buffer.getvalue())
    assert packed[0] == packed[1]
    assert unpacked(packed[0], tmp_path) == app_files() | {"deep/a.js": b"1"}


def test_hidden_files_stay_at_home(tmp_path: Path) -> None:
    for name in ("app.json", ".env", ".git/config", "deep/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert set(UnpackedApp.of_folder(tmp_path).files) == {"app.json"}
