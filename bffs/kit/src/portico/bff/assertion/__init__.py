"""Calls from service to service: a service says with a key of its own who it is, and for whom it acts.

`Service` makes the tokens, `TrustedService` is what a receiver knows of one, `ServicesVerifier` takes them.
References: RFC 7523 (assertions by a client's own key), RFC 9068 (`at+jwt`), RFC 8693 section 4.1 (`act`).
"""

from portico.bff.assertion.receiving import ServicesVerifier
from portico.bff.assertion.service import Service, service_issuer
from portico.bff.assertion.trust import ActsFor, TrustedService, trusted_services

__all__ = ["ActsFor", "Service", "ServicesVerifier", "TrustedService", "service_issuer", "trusted_services"]
