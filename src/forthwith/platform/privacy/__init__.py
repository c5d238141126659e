"""What is kept of somebody, handed over or deleted: over all applications, as runs."""

from forthwith.platform.privacy.declared import ExportedFile, Privacy, Subject
from forthwith.platform.privacy.endpoints import router
from forthwith.platform.privacy.jobs import SCHEDULES, jobs
from forthwith.platform.privacy.schema import privacy_of

__all__ = ["SCHEDULES", "ExportedFile", "Privacy", "Subject", "jobs", "privacy_of", "router"]
