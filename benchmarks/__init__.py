"""Benchmarks: speed as ratios against a floor or a peer in the same run. See docs/reference/benchmarks.md."""
