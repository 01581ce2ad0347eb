"""The hub's users as docs/how-to/run-in-production.md writes them: no service overhears what the host reads."""

import asyncio
from collections.abc import Callable

import nats
import pytest

from bffs.kit.tests.test_hub_users import published, url_of
from portico.bff.hub import Message, NatsHub
from portico.feed import inbox_of
from portico.host.live.hub import FeedHub

__all__ = ["url_of"]


@pytest.mark.parametrize("inbox", ["_INBOX.>", "_INBOX.host.>"])
async def test_nobody_listens_in_to_what_another_reads(inbox: str, url_of: Callable[[str], str]) -> None:
    first = NatsHub(url_of("operator"))
    await published(first, Message("feed.person.ada", "1", "{}"))
    refused = asyncio.Event()

    async def note(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            refused.set()

    client = await nats.connect(url_of("notes"), error_cb=note)
    overheard = await client.subscribe(inbox)
    host = FeedHub(url_of("host"), timeout=5)
    stream = host.jetstream(await host.connect())
    reading = await stream.subscribe("feed.>", stream="FEEDS", ordered_consumer=True)
    assert (await reading.next_msg(timeout=10)).subject == "feed.person.ada"
    async with asyncio.timeout(10):
        await refused.wait()
    assert overheard.pending_msgs == 0
    await host.close()
    await client.close()
    await first.close()


@pytest.mark.parametrize(
    ("servers", "inbox"),
    [
        (["nats://notes:secret@a:1", "nats://notes:secret@b:1"], "_INBOX.notes"),
        (["nats://notes:secret@a:1", "nats://other:secret@b:1"], "_INBOX"),
        (["nats://a-token@a:1"], "_INBOX"),
        (["nats://a.*:secret@a:1"], "_INBOX"),
        (["a:1"], "_INBOX"),
        ([], "_INBOX"),
    ],
)
def test_inboxes_are_named_after_the_user(servers: list[str], inbox: str) -> None:
    assert inbox_of(servers) == inbox
