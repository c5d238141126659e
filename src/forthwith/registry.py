"""The only list of applications."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypedDict

from forthwith.apps.cards.app import app as cards
from forthwith.apps.orders.app import app as orders
from forthwith.platform.app import App, platform_jobs, platform_schedules

if TYPE_CHECKING:
    from forthwith.platform.jobs import Job, Schedule
    from forthwith.platform.notify.channels import ChannelOf
    from forthwith.platform.privacy import Privacy
    from forthwith.platform.upstream import Vendor

APPS: Final[tuple[App, ...]] = (cards, orders)


def selected(names: str | None) -> tuple[App, ...]:
    """The applications this process serves: all, or the comma-separated `names`.

    Raises ValueError for a name that is none of them.
    """
    if names is None:
        return APPS
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    unknown = wanted - {app.name for app in APPS}
    if unknown:
        known = ", ".join(app.name for app in APPS)
        raise ValueError(f"FORTHWITH_APPS names {', '.join(sorted(unknown))}; there are: {known}")
    return tuple(app for app in APPS if app.name in wanted)


def jobs(apps: Sequence[App]) -> "list[Job]":
    """All jobs of these applications, and the platform's own."""
    return [*platform_jobs(privacy_parts), *(job for app in apps for job in app.jobs())]


def privacy_parts() -> "list[Privacy]":
    """What every application keeps of people, whichever of them a process serves."""
    return [app.privacy_part() for app in APPS]


def schedules(apps: Sequence[App]) -> "list[Schedule]":
    """All schedules of these applications, and the platform's own."""
    return [*platform_schedules(), *(each for app in apps for each in app.schedule())]


def vendors(apps: Sequence[App]) -> "list[Vendor]":
    """The vendors that these applications call, each once."""
    by_name = {vendor.name: vendor for app in apps for vendor in app.vendors()}
    return list(by_name.values())


def channels(apps: Sequence[App]) -> "list[ChannelOf]":
    """The ways to tell people that these applications bring along."""
    return [channel for app in apps for channel in app.channels()]


class Parts(TypedDict):
    """What `open_runtime` is handed of applications."""

    jobs: "Sequence[Job]"
    schedules: "Sequence[Schedule]"
    vendors: "Sequence[Vendor]"
    channels: "Sequence[ChannelOf]"


def parts(apps: Sequence[App]) -> Parts:
    """All that a process which serves these applications has to open."""
    return Parts(
        jobs=jobs(apps), schedules=schedules(apps), vendors=vendors(apps), channels=channels(apps)
    )
