"""The applications; none knows another."""
