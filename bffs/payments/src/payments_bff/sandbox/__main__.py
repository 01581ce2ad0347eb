"""`python -m payments_bff.sandbox`."""

from payments_bff.sandbox.server import main

main()
