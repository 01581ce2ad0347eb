"""What the sandbox tells by webhook: signed, and true unless it is in the mood to lie."""

import asyncio

import msgspec

from payments_bff.sandbox.ledger import Entry
from portico.bff import new_id
from portico.bff.external import WebhookSender

_OPPOSITE = {"succeeded": "declined", "declined": "succeeded"}


class Webhooks:
    """Sends in the background, three times at most; nowhere without a URL."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._sender = WebhookSender(private=True)
        self._sending: set[asyncio.Task[None]] = set()
        self.answers: list[int] = []
        """The status of every answer, 0 where there was none."""

    def tell(self, entry: Entry, *, times: int, lying: bool) -> None:
        """Tell what became of a charge."""
        if not self._url:
            return
        status = _OPPOSITE[entry.status] if lying else entry.status
        data = {"reference": entry.reference, "id": entry.id, "status": status, "amount": entry.amount}
        body = msgspec.json.encode({"type": f"charge.{status}", "data": data})
        id_ = f"msg_{new_id()}"
        for _ in range(times):
            task = asyncio.create_task(self._send(id_, body))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def sent(self) -> None:
        """Wait until everything was sent or given up."""
        await asyncio.gather(*self._sending)

    async def close(self) -> None:
        """Give up what is still to be sent."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._sender.close()

    async def _send(self, id_: str, body: bytes) -> None:
        for pause in (0.0, 0.2, 1.0):
            await asyncio.sleep(pause)
            status, _ = await self._sender.send(self._url, self._secret, id_, body)
            self.answers.append(status)
            if 200 <= status < 300:
                return
