"""`portico types`: TypeScript of the messages and the BFF that a micro-app's manifest names."""
