"""The BFF behind the kitchen micro-app."""
