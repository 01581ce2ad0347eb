"""What tests of a BFF need: real tokens, keys without a network, and a client that is signed in."""
