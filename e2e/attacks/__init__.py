"""Attacks on the running platform, each a line: what is sent, and the refusal that it must meet."""
