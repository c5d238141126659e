"""Read the text and the codes of one picture.

What reads is imported by the process that reads: the others need neither its half second nor
the extra it comes with.
"""

from forthwith.integrations.ocr.page import Page
from forthwith.integrations.ocr.settings import OcrSettings
from forthwith.platform import images
from forthwith.platform.errors import Unavailable
from forthwith.platform.pool import ProcessPool


def read_page(data: bytes, settings: OcrSettings | None = None) -> Page:
    """Read a JPEG, PNG, WebP or HEIC; keeps the cores busy for about a second.

    Args:
        data: The file.
        settings: Those of the environment if None.

    Returns:
        Lines scored 0.5 or better and all codes, on the page turned upright, in pixels of the
        picture scaled to at most `settings.long_side_pixels`.

    Raises:
        BadRequest, TooLarge, UnsupportedMedia, Unprocessable: As `images.decode`.
        Unavailable: The extra that reads is not installed.
    """
    settings = settings or OcrSettings()
    picture = images.decode(data, settings.long_side_pixels)
    try:
        from forthwith.integrations.ocr import whole  # noqa: PLC0415
    except ImportError as error:
        raise _not_installed() from error
    return whole.read_picture(picture, settings)


def load() -> None:
    """Load the models into this process, so that the first picture need not wait.

    Raises:
        Unavailable: The extra that reads is not installed.
    """
    try:
        from forthwith.integrations.ocr import whole  # noqa: PLC0415
    except ImportError as error:
        raise _not_installed() from error
    whole.load(OcrSettings())


async def read(pool: ProcessPool, data: bytes) -> Page:
    """Read a picture in a process of the pool.

    Raises:
        TimeoutError: It took longer than OCR_TIMEOUT_SECONDS.
        ForthwithError: As `read_page` and `ProcessPool.run`.
    """
    settings = OcrSettings()
    return await pool.run(read_page, data, settings, timeout=settings.timeout_seconds)


def _not_installed() -> Unavailable:
    return Unavailable("This installation reads no pictures: pip install 'forthwith[ocr]'")
