"""The releases of the reference application: each says what its service tells and hears, and they fit one another."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from manifest.tests.manifest_world import ManifestWorld, manifest_world
from portico.host.events.contract import contract_of, stale
from portico.host.events.document import installed_document

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(
    file.parent
    for file in [*ROOT.glob("microapps/*/app.json"), *ROOT.glob("bffs/*/release/app.json")]
    if "events" in json.loads(file.read_text()).get("bff", {})
)
SERVICES = {
    "archive", "checkout", "courier", "fulfilment", "insights", "kitchen", "menu", "notifications", "payments",
    "ratings", "tracking",
}  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ManifestWorld]:
    async with manifest_world(tmp_path) as world:
        yield world


def app_of(folder: Path) -> str:
    return str(json.loads((folder / "app.json").read_text())["name"]).partition("/")[2]


def release(folder: Path) -> dict[str, bytes]:
    """As much of a release as concerns its service."""
    document = json.loads((folder / "app.json").read_text())
    said = {member: document[member] for member in ("name", "version", "bff")}
    said["bff"] = {member: said["bff"][member] for member in ("app", "events")}
    files = folder.glob("schemas/events/**/*.json")
    schemas = {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
    return {"app.json": json.dumps(said).encode(), **schemas}


def test_every_service_is_there() -> None:
    assert {app_of(folder) for folder in FOLDERS} == SERVICES


@pytest.mark.parametrize("folder", FOLDERS, ids=[app_of(folder) for folder in FOLDERS])
def test_a_release_says_what_its_service_tells_and_hears(folder: Path) -> None:
    """If not: ``portico events contract SERVICE DIR`` writes it."""
    assert stale(contract_of(installed_document(app_of(folder), {})), folder) == []


async def test_they_can_all_be_live_together_and_a_breaking_change_cannot(world: ManifestWorld) -> None:
    for folder in FOLDERS:
        await world.deploy(release(folder))
    files = release(next(folder for folder in FOLDERS if app_of(folder) == "fulfilment"))
    path = "schemas/events/order.confirmed.1.json"
    schema = json.loads(files[path])
    schema["required"].remove("customer")
    manifest = json.loads(files["app.json"]) | {"version": "0.2.0"}
    changed = files | {path: json.dumps(schema).encode(), "app.json": json.dumps(manifest).encode()}
    published = await world.publish(changed, app="fulfilment")
    base = await world.manifest.store.head("live")
    answer: Any = await world.call(
        "PUT", "/deploy/channels/live/apps/fulfilment", base=base, json={"release": published.json()["digest"]}
    )
    assert answer.status_code == 422
    found = {(error["pointer"], error["detail"].partition(" ")[0]) for error in answer.json()["errors"]}
    broken = ("@fulfilment/courier", "@fulfilment/kitchen", "@fulfilment/tracking")
    assert found == {("/bff/events/publishes/order.confirmed~11", name) for name in broken}
