"""The BFF behind the tracking micro-app."""
