"""Measures of a photo follow what was done to it."""

import numpy as np
import pytest
from drawing import LEFT_COLUMN, RIGHT_COLUMN, card
from PIL import Image, ImageEnhance, ImageFilter

from forthwith.integrations.ocr.geometry import pixels
from forthwith.integrations.ocr.page import Line, Quality
from forthwith.integrations.ocr.quality import judge


def lines(scale: float = 1.0, left: float = 0.0) -> tuple[Line, ...]:
    """The lines of the drawn card where they stand, on a picture scaled and cut at its left."""
    found = []
    for column, texts in ((60, LEFT_COLUMN), (560, RIGHT_COLUMN)):
        for row, text in enumerate(texts):
            x, y = max(0.0, (column - left) * scale), (120 + 110 * row) * scale
            right, bottom = (column - left + 380) * scale, y + 40 * scale
            found.append(Line(text, 0.99, ((x, y), (right, y), (right, bottom), (x, bottom))))
    return tuple(found)


def grey(level: int = 200) -> Image.Image:
    """The card on paper that is less than white, as cameras see it."""
    return card().point(lambda value: value * level // 255)


def measured(image: Image.Image, scale: float = 1.0) -> Quality:
    return judge(pixels(image), lines(scale))


def test_blur_takes_sharpness() -> None:
    sharp, soft = (
        measured(grey().filter(ImageFilter.GaussianBlur(radius))).sharpness for radius in (0.5, 4)
    )

    assert soft < 0.05 < sharp / 4


def test_sharpness_hardly_depends_on_the_size_of_the_photo() -> None:
    large = grey().filter(ImageFilter.GaussianBlur(2))
    small = large.resize((500, 280), Image.Resampling.BOX)

    assert measured(small, 0.5).sharpness == pytest.approx(measured(large).sharpness, rel=0.5)


def test_the_height_of_text_is_in_pixels_of_the_photo() -> None:
    assert measured(grey().resize((500, 280)), 0.5).text_height == pytest.approx(20, abs=1)


def test_darkness_shows_on_the_paper() -> None:
    dark = ImageEnhance.Brightness(grey()).enhance(0.1)

    assert measured(dark).brightness < 25
    assert measured(grey()).brightness == pytest.approx(200, abs=3)


def test_a_patch_of_light_that_fades_is_glare() -> None:
    y, x = np.mgrid[0:560, 0:1000]
    light = 330 * np.exp(-(((x - 450) / 160) ** 2) - ((y - 280) / 110) ** 2)
    lit = np.clip(np.asarray(grey()) + light[..., None], 0, 255).astype(np.uint8)

    assert measured(Image.fromarray(lit)).glare > 0.03
    assert measured(grey()).glare == 0


def test_a_white_field_with_an_edge_is_no_glare() -> None:
    image = grey()
    image.paste((255, 255, 255), (450, 60, 560, 420))

    assert measured(image).glare == 0


def test_white_paper_all_over_is_no_glare() -> None:
    assert measured(card()).glare == 0


def test_lines_that_run_out_of_the_photo_are_counted() -> None:
    cut = grey().crop((100, 0, 1000, 560))

    assert judge(pixels(cut), lines(left=100)).cut_lines == 3
    assert measured(grey()).cut_lines == 0


def test_a_photo_without_text_has_only_brightness() -> None:
    quality = judge(pixels(Image.new("RGB", (300, 200), (40, 40, 40))), ())

    assert quality == Quality(brightness=40.0)
