"""What builds, checks and photographs Portico; none of it is installed with it."""
