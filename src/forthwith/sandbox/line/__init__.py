"""LINE on this machine: the Messaging API, its webhooks, and the people who use the app."""

from forthwith.sandbox.line.client import LinePhone
from forthwith.sandbox.line.server import LineSandbox, line_sandbox

__all__ = ["LinePhone", "LineSandbox", "line_sandbox"]
