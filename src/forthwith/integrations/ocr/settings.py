"""Settings of the local reader."""

from typing import Annotated

from pydantic import Field

from forthwith.platform.config import Settings


class OcrSettings(Settings):
    """How pictures are read on this machine; the defaults are measured (docs/adr)."""

    threads: Annotated[
        int,
        Field(
            default=1,
            ge=1,
            validation_alias="OCR_THREADS",
            description="Cores one reading process uses; times CPU_PROCESSES at most all cores.",
        ),
    ]
    timeout_seconds: Annotated[
        float,
        Field(
            default=30.0,
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
            description="Larger pictures are scaled down to this before reading.",
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
