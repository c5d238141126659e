"""The adapter to pgqueuer 1.6, the only package that knows it.

pgqueuer hands out tickets; the ledger decides what they mean. Four of its edges are closed
here: a lost connection is waited for instead of raised, LISTEN is ours (it notices when it is
deaf), completions, heartbeats and retries touch only rows that this worker still holds, and
no exception deletes a ticket.
"""

from forthwith.platform.jobs.engine.adapter import Engine, install

__all__ = ["Engine", "install"]
