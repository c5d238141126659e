"""The one way out: cache, coalescing, budgets, key pool, breaker, for every vendor call."""
