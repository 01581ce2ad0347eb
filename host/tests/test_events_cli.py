"""`portico events`: what installed services say of themselves, as a document and as part of a release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portico.host.cli import cli
from portico.host.errors import EventsRefused
from portico.manifest.app_manifest import AppManifest
from portico.manifest.contracts.events import named_schemas
from portico.manifest.contracts.service_events import named_event_schemas


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["events", *map(str, arguments)])


def app_in(folder: Path) -> Path:
    document = {"name": "@fulfilment/kitchen", "version": "1.0.0", "bff": {"app": "kitchen_bff:create_app"}}
    (folder / "app.json").write_text(json.dumps(document))
    return folder


def test_a_service_describes_its_events() -> None:
    result = run("asyncapi", "payments")
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    assert document["asyncapi"] == "3.0.0"
    assert (
        document["channels"]["payments.payment.failed"]["address"] == "evt.{region}.payments.payment.failed.{partition}"
    )
    received = document["operations"]["receive.charge.fulfilment.payment.requested"]
    assert received["action"] == "receive"


def test_a_release_says_what_its_service_tells_and_hears(tmp_path: Path) -> None:
    folder = app_in(tmp_path)
    unsaid = run("contract", "kitchen", folder, "--check")
    assert isinstance(unsaid.exception, EventsRefused)
    assert "app.json" in str(unsaid.exception)
    assert "app.json" in run("contract", "kitchen", folder).output.splitlines()
    manifest = AppManifest.parse((folder / "app.json").read_bytes())
    assert manifest.bff is not None
    assert "order.accepted/1" in manifest.bff.events.publishes
    assert ("fulfilment", "order.confirmed/1") in [(one.teller, one.event) for one in manifest.bff.events.consumes]
    for _, path in [*named_event_schemas(manifest), *named_schemas(manifest)]:
        assert json.loads((folder / path).read_text())["$schema"].endswith("2020-12/schema")
    assert run("contract", "kitchen", folder, "--check").exit_code == 0
    assert run("contract", "kitchen", folder).output == "Nothing changed.\n"


def test_what_a_service_does_not_tell_any_more_goes(tmp_path: Path) -> None:
    folder = app_in(tmp_path)
    run("contract", "kitchen", folder)
    old = folder / "schemas/events/order.forgotten.1.json"
    old.write_text("{}")
    assert run("contract", "kitchen", folder).output.splitlines() == ["schemas/events/order.forgotten.1.json"]
    assert not old.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["asyncapi", "nobody"], "no service 'nobody' installed"),
        (["asyncapi", "kitchen", "--url", "http://127.0.0.1:9"], "does not answer"),
        (["asyncapi", "kitchen", "--url", "nonsense"], "does not answer"),
    ],
)
def test_who_cannot_be_asked_is_said(arguments: list[str], words: str) -> None:
    assert words in str(run(*arguments).exception)


@pytest.mark.parametrize(
    ("content", "words"), [("{", "cannot be read"), ("[]", "names no bff"), ('{"name": "@a/b"}', "names no bff")]
)
def test_an_app_without_a_service_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "app.json").write_text(content)
    assert words in str(run("contract", "kitchen", tmp_path).exception)
