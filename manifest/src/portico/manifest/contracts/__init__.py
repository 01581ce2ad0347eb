"""Contracts of BFFs: what a service promises, what a release uses of it, and whether the two fit (``checking``)."""
