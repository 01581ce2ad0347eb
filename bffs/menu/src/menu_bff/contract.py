"""Prints the contract, for the file that is sent with every deploy: microapps/menu/schemas/openapi.json."""

import json

from menu_bff.routes import ROUTES
from portico.bff.rest import openapi


def contract() -> str:
    """Return the OpenAPI document of this BFF's own operations."""
    return json.dumps(openapi(ROUTES, title="Menu", version="1.0.0"), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(contract(), end="")  # noqa: T201
