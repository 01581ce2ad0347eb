"""Style sheets at a deploy: what would count for the whole page is refused with its place."""

import pytest

from manifest.tests.manifest_world import ManifestWorld, app_files


def styled(css: str) -> dict[str, bytes]:
    return app_files("@home/lamps", "1.0.0", styles=["lamps.css"]) | {"lamps.css": css.encode()}


async def test_a_sheet_that_registers_a_token_of_the_shell_is_refused(world: ManifestWorld) -> None:
    css = "p{color:red}@PROPERTY\n --p-accent { syntax: '<color>'; inherits: false; initial-value: red }"
    answer = await world.publish(styled(css), app="lamps")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/styles/0"
    assert error["detail"].startswith("lamps.css: @property --p-accent is a token of the shell")


@pytest.mark.parametrize("css", ["@property --lamp { syntax: '*'; inherits: false }", "p { color: var(--p-accent) }"])
async def test_registering_its_own_and_using_the_shells_is_let_through(world: ManifestWorld, css: str) -> None:
    answer = await world.publish(styled(css), app="lamps")
    assert answer.status_code == 201
