"""Settings of the local reader."""

import os
from typing import Annotated

from pydantic import Field

from forthwith.platform.config import Settings, WorkerSettings


def _fair_share() -> int:
    return max(1, (os.cpu_count() or 1) // WorkerSettings().cpu_processes)


class OcrSettings(Settings):
    """How pictures are read on this machine; the defaults are measured."""

    threads: Annotated[
        int,
        Field(
            default_factory=_fair_share,
            ge=1,
            validation_alias="OCR_THREADS",
            description="Cores one reading process uses; unset, all cores over CPU_PROCESSES.",
        ),
    ]
    timeout_seconds: Annotated[
        float,
        Field(
            default=60.0,
            gt=0,
            validation_alias="OCR_TIMEOUT_SECONDS",
            description="Work on one picture before its process is ended.",
        ),
    ]
    long_side_pixels: Annotated[
        int,
        Field(
            default=2000,
            ge=640,
            validation_alias="OCR_LONG_SIDE_PIXELS",
            description="Larger pictures are scaled down to this; half a phone's photo is cheap.",
        ),
    ]
    detection_pixels: Annotated[
        int,
        Field(
            default=960,
            ge=320,
            validation_alias="OCR_DETECTION_PIXELS",
            description="Long side of the picture in which text lines are looked for.",
        ),
    ]
    closer_detection_pixels: Annotated[
        int,
        Field(
            default=1440,
            ge=320,
            validation_alias="OCR_CLOSER_DETECTION_PIXELS",
            description="The same for a second look, taken where the first saw too little.",
        ),
    ]
