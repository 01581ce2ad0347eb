"""`portico dev`: one app under development, shown in a running host to its developer alone."""
