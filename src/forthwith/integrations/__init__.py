"""One room per vendor or capability; no tables, no jobs."""
