"""Write docs/reference/attacks.md anew from the tables: `python -m e2e.attacks`."""

from __future__ import annotations

from e2e.attacks.table import TABLES, reference
from e2e.stack import ROOT

REFERENCE = ROOT / "docs" / "reference" / "attacks.md"
START = "<!-- tables -->\n"


def written(current: str) -> str:
    """The reference with the tables that there are."""
    return current.partition(START)[0] + START + "\n" + "\n\n".join(map(reference, TABLES)) + "\n"


if __name__ == "__main__":
    REFERENCE.write_text(written(REFERENCE.read_text()))
