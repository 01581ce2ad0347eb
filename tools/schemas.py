"""Writes the GraphQL schemas that are committed beside the BFFs: the APIs as they are served.

    python -m tools.schemas

Micro-apps are built and tested against these files, and each BFF's tests keep its own true.
"""

from importlib import import_module
from pathlib import Path

BFFS = Path(__file__).parents[1] / "bffs"


def schemas() -> dict[Path, str]:
    """Return what each BFF with a GraphQL API serves, by the file that it belongs into."""
    found = {}
    for module in sorted(BFFS.glob("*/src/*_bff/schema.py")):
        package = module.parent.name
        schema = import_module(f"{package}.schema").create_schema()
        found[module.parents[2] / "schema.graphql"] = schema.as_str() + "\n"
    return found


if __name__ == "__main__":
    for file, text in schemas().items():
        file.write_text(text)
