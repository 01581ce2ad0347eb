"""The host's own audit: who signed in and out, whom it turned away, who sees other versions than everybody."""
