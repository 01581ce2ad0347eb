"""Gateways to systems that are not ours: calling them, hearing from them, telling them."""

from portico.bff.external.address_guard import AddressRefused, GuardedResolver, check_target
from portico.bff.external.breaker import CircuitBreaker, CircuitOpen
from portico.bff.external.errors import ExternalRefused, ExternalUnavailable
from portico.bff.external.ingress import WebhookMessage, webhook
from portico.bff.external.sending import WebhookSender, next_attempt
from portico.bff.external.service import Answer, ExternalService
from portico.bff.external.signature import SignatureRefused, new_webhook_secret, sign, verify

__all__ = [
    "AddressRefused",
    "Answer",
    "CircuitBreaker",
    "CircuitOpen",
    "ExternalRefused",
    "ExternalService",
    "ExternalUnavailable",
    "GuardedResolver",
    "SignatureRefused",
    "WebhookMessage",
    "WebhookSender",
    "check_target",
    "new_webhook_secret",
    "next_attempt",
    "sign",
    "verify",
    "webhook",
]
