"""Rubbish is refused before anything changes, with the place; of two racing deploys none is lost."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from e2e.apps import variant, view
from e2e.stack import Stack

GOOD = {"name": "@discovery/menu", "version": "77.0.0", "entry": "menu.js", "routes": [{"path": "/"}]}
FILES = {"app.json": json.dumps(GOOD), "menu.js": view("Never seen")}


def archive(files: dict[str, str], *, extra: Callable[[tarfile.TarFile], None] | None = None) -> bytes:
    """A tar.gz of these files, with what `extra` adds."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in files.items():
            add(tar, name, text.encode())
        if extra is not None:
            extra(tar)
    return content.getvalue()


def add(tar: tarfile.TarFile, name: str, body: bytes, **attributes: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(body)
    for attribute, value in attributes.items():
        setattr(member, attribute, value)
    tar.addfile(member, io.BytesIO(body))


def manifest(**changes: object) -> dict[str, str]:
    return {**FILES, "app.json": json.dumps({**GOOD, **changes})}


RUBBISH = {
    "schema-error": (archive(manifest(routes=[{"path": 7}])), "/routes/0/path"),
    "unknown-member": (archive(manifest(colour="red")), "colour"),
    "no-manifest": (archive({"menu.js": "export {}"}), "app.json"),
    "manifest-not-json": (archive({**FILES, "app.json": "{"}), "app.json"),
    "missing-entry": (archive({"app.json": FILES["app.json"]}), "/entry"),
    "entry-not-javascript": (archive({**FILES, "menu.js": "export const = ;"}), "menu.js:1"),
    "unresolved-import": (archive({**FILES, "menu.js": "import 'left-pad'; export {}"}), "left-pad"),
    "path-escapes": (archive(FILES, extra=lambda tar: add(tar, "../evil.js", b"x")), "../evil.js"),
    "absolute-path": (archive(FILES, extra=lambda tar: add(tar, "/etc/evil.js", b"x")), "/etc/evil.js"),
    "link": (
        archive(FILES, extra=lambda tar: add(tar, "passwd.js", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
        "passwd.js",
    ),
    "bomb": (archive(FILES, extra=lambda tar: add(tar, "zeros.js", bytes(60_000_000))), "unpacks to more than"),
    "not-a-tar": (gzip.compress(b"hello"), "tar"),
    "not-gzip": (b"hello", "gzip"),
    "cut-off": (archive(FILES)[:-200], ""),
    "claimed-route": (archive(manifest(routes=[{"path": "/basket"}])), "/routes/0/path"),
}


def state(stack: Stack) -> tuple[object, object, set[str]]:
    """Everything a deploy could change: the channel, the releases, the kept files."""
    kept = {str(path.relative_to(stack.data_dir)) for path in (stack.data_dir / "assets").rglob("*") if path.is_file()}
    answers = [
        httpx.get(f"{stack.url}{path}", headers={"Authorization": f"Bearer {stack.deploy_token}"}, timeout=30)
        .raise_for_status()
        .json()
        for path in ("/deploy/channels/live", "/deploy/apps/menu/releases")
    ]
    return answers[0], answers[1], kept


@pytest.mark.parametrize("rubbish", sorted(RUBBISH))
def test_rubbish_is_a_422_that_says_where_and_changes_nothing(stack: Stack, rubbish: str) -> None:
    """Each refusal is a problem document that names the place."""
    body, place = RUBBISH[rubbish]
    before = state(stack)
    answer = httpx.post(
        f"{stack.url}/deploy/apps/menu/releases?channel=live",
        content=body,
        headers={"Authorization": f"Bearer {stack.deploy_token}", "Content-Type": "application/gzip"},
        timeout=30,
    )
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert place in answer.text
    assert state(stack) == before


def test_the_command_line_says_what_is_wrong_where_and_what_to_do(stack: Stack, tmp_path: Path) -> None:
    """A person sees the place and a sentence, not a stack trace."""
    before = state(stack)
    folder = variant("menu", tmp_path / "menu", version="77.1.0", entry="import 'left-pad';", entries=1)
    refused = stack.portico("deploy", str(folder), check=False)
    assert refused.returncode != 0
    assert "entries" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert state(stack) == before


def test_of_racing_deploys_every_one_that_succeeded_is_in_the_history(stack: Stack, tmp_path: Path) -> None:
    """Six deploys of three apps at once: each is either in the history exactly once or was told that it is not."""
    with stack.as_it_was():
        before = stack.revision()
        folders = {
            f"{app} 88.{number}.0": variant(app, tmp_path / f"{app}{number}", version=f"88.{number}.0")
            for app in ("menu", "checkout", "nav")
            for number in range(2)
        }
        with ThreadPoolExecutor(6) as pool:
            results = list(pool.map(lambda folder: stack.portico("deploy", str(folder), check=False), folders.values()))
        history = stack.portico_json("history")
        assert isinstance(history, dict)
        revisions = [one for one in history["revisions"] if one["revision"] > before]
        versions = {
            release["digest"]: f"{release['app']} {release['version']}"
            for app in ("menu", "checkout", "nav")
            for release in _releases(stack, app)
        }
        promoted = sorted(
            versions[weighted["release"]]
            for one in revisions
            for change in one["changes"]
            for weighted in change["after"]
        )
        succeeded = sorted(name for name, result in zip(folders, results, strict=True) if result.returncode == 0)
        assert promoted == succeeded
        assert len(succeeded) >= 3
        assert [one["revision"] for one in revisions] == list(range(stack.revision(), before, -1))
        for name, result in zip(folders, results, strict=True):
            assert result.returncode == 0 or "somebody else deployed" in result.stderr, (name, result.stderr)


def test_a_write_on_a_moved_channel_is_told_412_with_the_current_revision(stack: Stack, tmp_path: Path) -> None:
    """Compare-and-set at the HTTP API: a stale `If-Match` changes nothing, a missing one is 428."""
    with stack.as_it_was():
        stale = stack.revision()
        stack.portico("deploy", str(variant("menu", tmp_path / "menu", version="88.5.0")))
        [release] = [one for one in _releases(stack, "menu") if one["version"] == "88.5.0"]
        address = f"{stack.url}/deploy/channels/live/apps/menu"
        authorised = {"Authorization": f"Bearer {stack.deploy_token}"}
        wanted = {"release": release["digest"]}
        refused = httpx.put(address, json=wanted, headers={**authorised, "If-Match": f'"{stale}"'}, timeout=30)
        assert refused.status_code == 412
        assert refused.headers["etag"] == f'"{stack.revision()}"'
        assert httpx.put(address, json=wanted, headers=authorised, timeout=30).status_code == 428


def _releases(stack: Stack, app: str) -> list[dict[str, str]]:
    document = stack.portico_json("releases", app)
    assert isinstance(document, dict)
    found: list[dict[str, str]] = document["releases"]
    return found
