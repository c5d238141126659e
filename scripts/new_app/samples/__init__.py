"""Samples: what they are, and for whom; one paragraph."""
