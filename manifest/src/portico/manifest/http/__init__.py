"""The HTTP edge of the manifest: one module for each group of routes, and what they share."""
