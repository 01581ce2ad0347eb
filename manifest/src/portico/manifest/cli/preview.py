"""What ``--dry-run`` prints: what would happen, and that nothing did."""

from collections.abc import Iterator, Mapping
from typing import Any

from portico.manifest.cli.options import short, show


def preview(document: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the server's answer to a dry run: the changes of the channel, and those of its import map."""
    lines = [*map(change_text, document.get("changes", ())), *_map_lines(document.get("importMap") or {})]
    text = "\n  ".join(["this would change" if lines else "this would change nothing", *lines])
    show(document, f"{text}\nnothing was changed (dry run)", as_json=as_json)


def change_text(change: Mapping[str, Any]) -> str:
    """Return one change of a channel in a line: ``shop: 1f0c (90%), 77ab (10%) -> 77ab``."""
    if "app" in change:
        return f"{change['app']}: {_releases(change['before'])} -> {_releases(change['after'])}"
    kind = next(name for name in ("import", "scope", "extra") if name in change)
    return f"{kind} {change[kind]}: {_value(change['before'])} -> {_value(change['after'])}"


def _releases(releases: Any) -> str:
    one_alone = len(releases) == 1 and releases[0]["weight"] == 100
    texts = [short(one["release"]) + ("" if one_alone else f" ({one['weight']}%)") for one in releases]
    return ", ".join(texts) or "none"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    return str(value["url"]) if isinstance(value, dict) and "url" in value else str(value)


def _map_lines(diff: Mapping[str, Any]) -> Iterator[str]:
    signs = (("added", "+"), ("removed", "-"), ("changed", "~"))
    for member, sign in signs:
        for name in sorted(diff.get(member) or ()):
            yield f"{sign} {name}"
