"""The reference of design tokens names what the shell sets, and every token that anything uses is set by someone."""

from __future__ import annotations

import re

from host.tests.runtime_site import ROOT

SHELL = (ROOT / "host/client/shell.css").read_text()
TOKENS = re.search(r"@layer shell\.tokens \{(.*?)\n\}\n", SHELL, re.DOTALL)
assert TOKENS
SET = set(re.findall(r"(--p-[\w-]+):", TOKENS[1]))


def test_every_token_of_the_shell_is_in_the_reference_and_no_other() -> None:
    reference = (ROOT / "docs/reference/design-tokens.md").read_text()
    rows = [line for line in reference.splitlines() if line.startswith("| `--p-")]
    assert {token for row in rows for token in re.findall(r"`(--p-[\w-]+)`", row.split("|")[1])} == SET


def test_every_token_that_a_style_sheet_uses_is_set() -> None:
    unknown = {}
    for sheet in [ROOT / "host/client/shell.css", *sorted((ROOT / "microapps").glob("*/src/**/*.css"))]:
        text = sheet.read_text()
        missing = set(re.findall(r"var\((--p-[\w-]+)", text)) - SET - set(re.findall(r"(--p-[\w-]+):", text))
        if missing:
            unknown[sheet.name] = missing
    assert not unknown


def test_dark_changes_colours_and_shadows_alone() -> None:
    assert TOKENS
    light, _, dark = TOKENS[1].partition("@media (prefers-color-scheme: dark)")
    colours = {name for name, value in re.findall(r"(--p-[\w-]+): (.*?);", light) if value.startswith("#")}
    changed = set(re.findall(r"(--p-[\w-]+):", dark))
    assert changed == colours | {"--p-shadow-color", "--p-shadow-1", "--p-shadow-2"}
