"""Headers read quickly are the headers that nats-py reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from bffs.kit.tests.store_world import nats_server
from portico.bff.hub import Message, NatsHub
from portico.bff.nats_client import ReadingClient, usual_headers

_lines = st.one_of(
    st.tuples(st.text("aB-:1", min_size=1), st.text("ab :é\t", max_size=6)).map(lambda pair: f"{pair[0]}: {pair[1]}"),
    st.text("a: \t1é", max_size=8),
)


@given(st.lists(_lines, max_size=5))
async def test_what_is_read_quickly_is_what_nats_py_reads(lines: list[str]) -> None:
    raw = "".join(f"{line}\r\n" for line in ["NATS/1.0", *lines, ""]).encode()
    assert await ReadingClient()._process_headers(raw) == await Client()._process_headers(raw)


@pytest.mark.parametrize(
    "raw",
    [b"NATS/1.0 408 Request Timeout\r\n\r\n", b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Stream: 4\r\n\r\n", b""],
)
async def test_what_the_hub_itself_says_is_left_to_nats_py(raw: bytes) -> None:
    assert usual_headers(raw) is None
    assert await ReadingClient()._process_headers(raw) == await Client()._process_headers(raw)


async def test_bytes_that_are_no_utf_8_are_left_to_nats_py() -> None:
    raw = b"NATS/1.0\r\nA: x\xffx\r\n\r\n"
    assert usual_headers(raw) is None
    assert await ReadingClient()._process_headers(raw) == {"A": "x\ufffdx"}


async def test_the_hub_reads_headers_this_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It hangs on a name within nats-py; when that changes, reading is right all the same, and slow.
    read: list[bytes] = []

    def spied(raw: bytes) -> dict[str, str] | None:
        read.append(raw)
        return usual_headers(raw)

    monkeypatch.setattr("portico.bff.nats_client.usual_headers", spied)
    async with nats_server(tmp_path / "nats") as server:
        hub = NatsHub(server.url)
        await hub.publish(Message("evt.local.source.thing.changed.0", "one", "{}"))
        assert hub._client is not None
        subscription = await hub._client.subscribe("there")
        await hub._client.publish("there", b"body", headers={"Nats-Msg-Id": "one", "Other": "a: b"})
        message = await subscription.next_msg(timeout=10)
        await hub.close()
    assert message.headers == {"Nats-Msg-Id": "one", "Other": "a: b"}
    assert b"NATS/1.0\r\nNats-Msg-Id: one\r\nOther: a: b\r\n\r\n" in read
