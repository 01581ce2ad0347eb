"""A double of the payment provider that speaks real HTTP, for demonstrations and tests; its ledger is the oracle."""

from payments_bff.sandbox.ledger import Ledger
from payments_bff.sandbox.moods import Moods
from payments_bff.sandbox.sandbox import Sandbox
from payments_bff.sandbox.server import sandbox_server

__all__ = ["Ledger", "Moods", "Sandbox", "sandbox_server"]
