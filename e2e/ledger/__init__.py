"""A test app that keeps a ledger of what took effect: the oracle of the offline tests."""
