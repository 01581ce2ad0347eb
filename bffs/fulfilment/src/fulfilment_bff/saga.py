"""The order saga: which steps follow from which facts, and what undoes them (a saga with compensation).

Submitted -> payment requested -> confirmed -> accepted by the restaurant -> delivered -> completed. A payment that
fails cancels at once; a rejection, or no answer in time, gives the money back and cancels then. What was decided first
stays: an acceptance that is heard after the expiry changes nothing.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import asdict, replace

from fulfilment_bff import facts
from fulfilment_bff.facts import ExpiredOrder, FinishedOrder, Order, Payment
from portico.bff import Event, Listener, ReceivedEvent
from portico.bff.agenda import Agenda
from portico.bff.control import Case, Control
from portico.bff.ids import born_at, derived_id

ACCEPTANCE: Final = "acceptance"


def create_saga(listener: Listener, agenda: Agenda, *, accept_within_ms: int) -> Control:
    """Declare the saga's rules; a restaurant has ``accept_within_ms`` from the confirmation to answer."""
    saga = Control("order", listener, agenda)
    _collect(saga)
    saga.expire(ACCEPTANCE, lambda case: _answer_is_due(case, accept_within_ms))
    saga.rule("request-payment", when=lambda case: facts.SUBMITTED in case)(_request_payment)
    saga.rule("fail", when=_cannot_pay, final=True)(lambda case: _finish(case, "payment-failed"))
    saga.rule("confirm", when=_is_paid)(_confirm)
    saga.rule("reject", when=_is_rejected)(_nothing)
    saga.rule("expire", when=lambda case: case.expired(ACCEPTANCE))(_expire)
    saga.rule("refund", when=_must_refund)(_refund)
    saga.rule("complete", when=_is_delivered, final=True)(lambda case: _finish(case, None))
    saga.rule("cancel", when=_is_refunded, final=True)(
        lambda case: _finish(case, "rejected" if case.decided("reject") else "expired")
    )
    return saga


def _collect(saga: Control) -> None:
    """Everything that concerns an order belongs to its case; each fact is believed of whose it is alone."""
    saga.collect(facts.SUBMITTED, id="submitted", by=["checkout"], key=_subject, reads=Order)
    for fact in (facts.ACCEPTED, facts.READY, facts.REJECTED):
        saga.collect(fact, id=fact.partition(".")[2], by=["kitchen"], key=_subject)
    for fact in (facts.PICKED_UP, facts.DELIVERED):
        saga.collect(fact, id=fact.partition(".")[2], by=["courier"], key=_subject)
    for fact in (facts.PAID, facts.NOT_PAID, facts.REFUNDED):
        saga.collect(fact, id=fact.replace(".", "-"), by=["payments"], key=_order_of, reads=facts.OfOrder)


def _subject(event: ReceivedEvent) -> str:
    return event.subject


def _order_of(event: ReceivedEvent) -> str:
    return event.entity(facts.OfOrder).order_id


def _answer_is_due(case: Case, accept_within_ms: int) -> int | None:
    """From the confirmation by our own clock: an outage before it must not cost the restaurant its time."""
    if not case.decided("confirm") or _is_answered(case):
        return None
    return case.decided_at("confirm") + accept_within_ms


def _is_answered(case: Case) -> bool:
    return any(fact in case for fact in facts.ANSWERS)


def _cannot_pay(case: Case) -> bool:
    return facts.SUBMITTED in case and facts.NOT_PAID in case and facts.PAID not in case


def _is_paid(case: Case) -> bool:
    return facts.SUBMITTED in case and facts.PAID in case and not case.decided("fail")


def _is_rejected(case: Case) -> bool:
    over = case.decided("expire") or case.decided("complete")
    return facts.REJECTED in case and case.decided("confirm") and not over


def _must_refund(case: Case) -> bool:
    return facts.PAID in case and any(case.decided(rule) for rule in ("fail", "reject", "expire"))


def _is_delivered(case: Case) -> bool:
    undone = facts.REJECTED in case or case.decided("expire")
    return facts.DELIVERED in case and case.decided("confirm") and not undone


def _is_refunded(case: Case) -> bool:
    return facts.REFUNDED in case and (case.decided("reject") or case.decided("expire"))


def _order(case: Case) -> Order:
    return case.entity(facts.SUBMITTED, Order)


def _nothing(case: Case) -> Iterable[Event]:  # noqa: ARG001
    """The kitchen has said so itself; what matters is that it was decided."""
    return ()


def _request_payment(case: Case) -> Iterable[Event]:
    yield Event("payment.requested", _payment(case).id, _payment(case), partition_key=case.key)


def _confirm(case: Case) -> Iterable[Event]:
    yield Event("order.confirmed", case.key, replace(_order(case), status="confirmed"))


def _expire(case: Case) -> Iterable[Event]:
    order = _order(case)
    told = ExpiredOrder(order.id, order.customer, order.restaurant_id, order.restaurant_name)
    yield Event("order.expired", case.key, told)


def _refund(case: Case) -> Iterable[Event]:
    yield Event("payment.refund-requested", _payment(case).id, _payment(case), partition_key=case.key)


def _finish(case: Case, reason: str | None) -> Iterable[Event]:
    status = "cancelled" if reason else "completed"
    order = FinishedOrder(**{**asdict(_order(case)), "status": status}, reason=reason)
    yield Event(f"order.{status}", case.key, order)


def _payment(case: Case) -> Payment:
    """The one payment of an order: its id follows from the order's, and keeps its time."""
    order = _order(case)
    id_ = derived_id(born_at(order.id) or 0, "payment", order.id)
    return Payment(id_, order.id, order.customer, order.total)
