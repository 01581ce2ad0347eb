"""A person's feed on the hub: what services write into it and the host reads from it."""
