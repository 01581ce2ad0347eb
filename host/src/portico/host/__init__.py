"""The host: shell, session, gateway, and `portico up`."""
