"""The npm packages that a new app is built and tested with, in the versions that its templates are tested with."""

from __future__ import annotations

from typing import Final

SDK = "@portico/sdk"

TOOLS: Final = {
    "@biomejs/biome": "^2.5.15",
    SDK: "file:vendor/portico-sdk",
    "@vitest/browser-playwright": "^4.1.12",
    "esbuild": "^0.28.2",
    "playwright": "^1.65.1",
    "typescript": "^7.0.2",
    "vitest": "^4.1.12",
}
"""For every app."""

FRAMEWORKS: Final = {
    "preact": {"preact": "^11.0.0"},
    "react": {"react": "^19.0.0", "react-dom": "^19.0.0"},
    "vue": {"vue": "^3.5.0"},
    "svelte": {"svelte": "^5.0.0"},
    "none": {},
}
"""What each user interface is made with; bundled into the app."""

TYPES: Final = {"react": {"@types/react": "^19.0.0", "@types/react-dom": "^19.0.0"}}
"""Types that do not come with the framework itself."""

FAST_REFRESH: Final = {
    "preact": {"@babel/core": "^7.29.13", "@prefresh/babel-plugin": "^0.5.4", "@prefresh/core": "^1.5.11"},
    "react": {"@babel/core": "^7.29.13", "react-refresh": "^0.19.0"},
}
"""What keeps the page's state under `portico dev`."""

TRUSTED_TYPES: Final = {"vue": ["vue"], "svelte": ["svelte-trusted-html"]}
"""Names of the Trusted Types policies that frameworks create."""
