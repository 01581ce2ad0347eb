"""Payments against the provider's double: however slow, failing, repeating or lying it is, money moves once."""

import msgspec
import pytest
from aiohttp import web

from bffs.payments.tests.payments_world import API_KEY, SECRET, Payments
from payments_bff import work
from payments_bff.payment import Money, Payment
from payments_bff.provider import Charge, NotOurs, Provider
from payments_bff.sandbox import Moods, Sandbox, sandbox_server
from portico.bff.external import ExternalService, sign
from portico.bff.ids import system_clock
from portico.secrets import Secret


async def test_a_payment_is_taken_once_and_told(payments: Payments) -> None:
    for _ in range(3):
        await payments.want()
    [told] = await payments.told("succeeded")
    assert (told.id, told.order_id, told.customer, told.amount.minor) == ("p-1", "order-p-1", "ada", 2280)
    assert await payments.charges() == [("p-1", "succeeded", 0)]
    assert await payments.sandbox.ledger.balance() == 2280


async def test_a_payment_over_the_limit_fails_with_its_reason(payments: Payments) -> None:
    await payments.want(minor=50_001)
    [told] = await payments.told("failed")
    assert told.reason == "limit-exceeded"
    assert await payments.sandbox.ledger.balance() == 0


@pytest.mark.parametrize(
    "mood",
    [
        Moods(silent=True, failing=2),
        Moods(silent=True, losing=2),
        Moods(silent=True, failing=1, losing=1, latency_ms=50),
    ],
)
async def test_a_provider_that_fails_or_does_not_answer_takes_it_once(payments: Payments, mood: Moods) -> None:
    """By asking again alone: a webhook would tell it sooner."""
    payments.sandbox.moods = mood
    await payments.want()
    await payments.told("succeeded")
    assert await payments.charges() == [("p-1", "succeeded", 0)]
    assert payments.sandbox.moods.failing == payments.sandbox.moods.losing == 0


async def test_where_no_answer_ever_arrives_the_webhook_leads_to_the_outcome(payments: Payments) -> None:
    payments.sandbox.moods = Moods(losing=1_000)
    await payments.want()
    await payments.told("succeeded")
    assert await payments.charges() == [("p-1", "succeeded", 0)]
    assert await payments.everything() == ["succeeded"]


async def test_what_was_pending_is_told_after_the_webhook_and_its_repetitions_do_nothing(payments: Payments) -> None:
    payments.sandbox.moods = Moods(pending=True, duplicating=3)
    await payments.want()
    await payments.told("succeeded")
    await payments.sandbox.webhooks.sent()
    assert payments.sandbox.webhooks.answers == [204, 204, 204]
    assert await payments.everything() == ["succeeded"]


async def test_a_webhook_that_is_quicker_than_the_answer_is_not_put_off(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PENDING_MS", 10**12)
    payments.sandbox.moods = Moods(pending=True, silent=True)
    charge = Provider.charge

    async def overtaken(provider: Provider, payment: Payment) -> Charge:
        answer = await charge(provider, payment)
        headers = sign(SECRET, "m-1", system_clock(), body())
        await payments.client.post("/webhooks/provider", content=body(), headers=headers)
        return answer

    monkeypatch.setattr(Provider, "charge", overtaken)
    await payments.want()
    await payments.told("succeeded")
    assert await payments.charges() == [("p-1", "succeeded", 0)]


@pytest.mark.parametrize(("minor", "truth"), [(2280, "succeeded"), (50_001, "failed")])
async def test_a_webhook_that_lies_is_not_believed(payments: Payments, minor: int, truth: str) -> None:
    payments.sandbox.moods = Moods(pending=True, lying=True)
    await payments.want(minor=minor)
    await payments.told(truth)
    await payments.sandbox.webhooks.sent()
    assert await payments.everything() == [truth]


async def test_a_refund_gives_back_all_of_it_once(payments: Payments) -> None:
    await payments.want()
    await payments.told("succeeded")
    payments.sandbox.moods = Moods(losing=1)
    for _ in range(3):
        await payments.want(back=True)
    [told] = await payments.told("refunded")
    assert (told.order_id, told.amount.minor) == ("order-p-1", 2280)
    assert await payments.everything() == ["succeeded", "refunded"]
    assert await payments.charges() == [("p-1", "succeeded", 2280)]
    assert await payments.sandbox.ledger.balance() == 0


async def test_what_is_said_to_be_declined_and_was_taken_succeeds(payments: Payments) -> None:
    payments.sandbox.moods = Moods(denying=1, silent=True)
    await payments.want()
    await payments.told("succeeded")
    assert await payments.everything() == ["succeeded"]


async def test_what_turns_out_to_have_been_taken_after_it_failed_is_told_and_can_be_given_back(
    payments: Payments,
) -> None:
    payments.sandbox.moods = Moods(denying=1, forgetting=1, silent=True)
    await payments.want()
    [failed] = await payments.told("failed")
    assert failed.reason == "declined"
    for n in range(3):
        headers = sign(SECRET, f"m-{n}", system_clock(), body())
        assert (await payments.client.post("/webhooks/provider", content=body(), headers=headers)).status_code == 204
    await payments.told("succeeded")
    await payments.want(back=True)
    await payments.told("refunded")
    assert await payments.everything() == ["succeeded", "failed", "refunded"]
    assert await payments.sandbox.ledger.balance() == 0


async def test_a_charge_that_is_pending_and_then_not_known_is_asked_for_again(payments: Payments) -> None:
    payments.sandbox.moods = Moods(pending=True, forgetting=1)
    await payments.want()
    await payments.told("succeeded")
    assert await payments.charges() == [("p-1", "succeeded", 0)]


async def test_what_is_pending_is_looked_at_again_though_no_webhook_comes(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "PENDING_MS", 0)
    payments.sandbox.moods = Moods(pending=True, silent=True)
    await payments.want()
    await payments.told("succeeded")


async def test_another_amount_than_was_asked_for_is_not_believed(payments: Payments) -> None:
    class Changing(Sandbox):
        async def _charge(self, request: web.Request) -> web.Response:
            asked = await request.json()
            return web.json_response({**asked, "id": "ch", "amount": 1, "status": "succeeded"}, status=201)

    await payments.sandbox.ledger.charge("another", "p-1", 1, "EUR")
    payment = Payment("p-1", "order-p-1", "ada", Money(2280, "EUR"))
    async with sandbox_server(Changing(payments.sandbox.ledger, api_key=API_KEY)) as url:
        service = ExternalService("it", url, secret=Secret(API_KEY))
        for ask in (Provider(service).charge, Provider(service).find, Provider(service).refund):
            with pytest.raises(NotOurs):
                await ask(payment)
        await service.close()


async def test_a_page_instead_of_an_answer_is_no_refund_and_no_charge(payments: Payments) -> None:
    payments.sandbox.moods = Moods(babbling=1)
    await payments.want()
    await payments.told("succeeded")
    payments.sandbox.moods = Moods(babbling=1)
    await payments.want(back=True)
    await payments.told("refunded")
    assert await payments.charges() == [("p-1", "succeeded", 2280)]
    assert payments.sandbox.moods.babbling == 0


async def test_many_payments_balance(payments: Payments) -> None:
    payments.sandbox.moods = Moods(failing=3, losing=3, duplicating=2)
    for n in range(12):
        await payments.want(f"p-{n}", minor=100 + n)
    await payments.told("succeeded", 12)
    for n in range(0, 12, 2):
        await payments.want(f"p-{n}", minor=100 + n, back=True)
    await payments.told("refunded", 6)
    assert len(await payments.charges()) == 12
    assert await payments.sandbox.ledger.balance() == sum(100 + n for n in range(1, 12, 2))


def body(reference: str = "p-1", type_: str = "charge.succeeded") -> bytes:
    return msgspec.json.encode({"type": type_, "data": {"reference": reference}})


@pytest.mark.parametrize("late_s", [-301, 360])
async def test_a_webhook_from_another_time_is_refused(payments: Payments, late_s: int) -> None:
    """By the real clock: one from ahead comes a little nearer until it is looked at. The kit knows the very second."""
    headers = sign(SECRET, "msg_1", system_clock() + late_s * 1000, body())
    answer = await payments.client.post("/webhooks/provider", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (401, "signature-refused")


async def test_a_webhook_that_was_changed_is_refused(payments: Payments) -> None:
    headers = sign(SECRET, "msg_1", system_clock(), body())
    for content, changed in ((body("p-2"), headers), (body(), {**headers, "webhook-id": "msg_2"}), (body(), {})):
        answer = await payments.client.post("/webhooks/provider", content=content, headers=changed)
        assert answer.status_code == 401


async def test_a_webhook_of_an_unknown_payment_or_without_sense_does_nothing(payments: Payments) -> None:
    for content, status in ((body("nobody"), 204), (b"[]", 422), (b"\xff", 401), (b"[" * 5000, 422)):
        headers = sign(SECRET, f"m-{len(content)}", system_clock(), content if content != b"\xff" else b"")
        answer = await payments.client.post("/webhooks/provider", content=content, headers=headers)
        assert answer.status_code == status, content[:10]
    assert await payments.everything() == []
