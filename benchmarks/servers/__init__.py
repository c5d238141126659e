"""HTTP servers that `benchmarks.ack` compares: ours, and what a careful user would write."""
