"""Telling people and machines: once per event, in their language, when they want it."""

from forthwith.platform.notify import templates
from forthwith.platform.notify.endpoints import router
from forthwith.platform.notify.notice import ALL, Address, Notice
from forthwith.platform.notify.service import notify
from forthwith.platform.notify.templates import Template

__all__ = ["ALL", "Address", "Notice", "Template", "notify", "router", "templates"]
