"""`portico faults` and `rebuild` reach every BFF of `portico up` by its name, as an operator and nobody else."""

from __future__ import annotations

import pytest

from e2e.stack import Stack


def test_an_operator_reaches_bffs_and_services_by_name(stack: Stack) -> None:
    """Reads and commands go through the gateway; a service without an app is one as well."""
    assert stack.portico("faults", "list", "--app", "fulfilment").stdout == "There are no faults.\n"
    assert "deliveries: delivery" in stack.portico("rebuild", "list", "--app", "tracking").stdout
    counted = stack.portico("metrics", "--app", "tracking").stdout
    assert 'portico_events_taken_total{rule="delivery",service="tracking"}' in counted
    refused = stack.portico("rebuild", "start", "nothing", "--app", "tracking", check=False)
    assert refused.returncode == 1
    assert "no projection 'nothing' here. There are: deliveries." in refused.stderr


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--app", "tracking", "--person", "ada"), "403: This needs the role 'operator'"),
        (("--app", "tracking", "--person", "nobody"), "knows no 'nobody'"),
        (("--app", "no-such-app"), "404: No app named 'no-such-app'"),
    ],
)
def test_others_are_refused(stack: Stack, options: tuple[str, ...], why: str) -> None:
    refused = stack.portico("faults", "list", *options, check=False)
    assert refused.returncode == 1
    assert why in refused.stderr
