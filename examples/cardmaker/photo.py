"""Turn a flat card into what a telephone or a scanner makes of it."""

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from examples.cardmaker.identity import chance

Pixels = NDArray[np.float32]  # height x width x 3, 0..255, RGB
Mask = NDArray[np.float32]  # height x width, 0..1

PLANK_GAP = 4  # pixels


@dataclass(frozen=True, slots=True)
class Level:
    """How hard a picture is: each number is the strongest that may be drawn."""

    kind: str
    fill: tuple[float, float]  # width of the card in parts of the picture's width
    tilt: float  # degrees of rotation
    keystone: float  # shift of a corner in parts of the card's width
    unevenness: float  # part of the light that may be lost at the darkest place
    blur: float  # pixels, sigma
    noise: float  # grey levels, sigma
    glare: float  # probability of a bright spot
    quality: tuple[int, int]  # JPEG


LEVELS: dict[str, Level] = {
    "artwork": Level("digital artwork", (1, 1), 0, 0, 0, 0, 0, 0, (88, 95)),
    "scan": Level("scan", (0.96, 0.96), 0.8, 0, 0.04, 0.5, 2.0, 0, (75, 90)),
    "photo": Level("photo", (0.66, 0.88), 4.5, 0.016, 0.38, 1.25, 5.5, 0.25, (72, 88)),
    "hard": Level("photo", (0.55, 0.8), 9.0, 0.04, 0.55, 1.8, 9.0, 0.6, (55, 72)),
}


def take(card: Image.Image, rng: Random, level: Level, long_side: int = 1280) -> Image.Image:
    """Photograph, scan or export the card; `long_side` of the picture in pixels."""
    flat = np.asarray(card, dtype=np.float32)
    if level.kind == "digital artwork":
        return Image.fromarray(_jpeg(flat, rng, level))
    light = np.random.default_rng(rng.getrandbits(64))
    upright = card.height > card.width
    short_side = long_side * 3 // 4
    height, width = (long_side, short_side) if upright else (short_side, long_side)
    if level.kind == "scan":
        height, width = round(card.height * long_side / card.width * 1.04), long_side
    scene = _scanner(height, width) if level.kind == "scan" else _desk(rng, light, height, width)
    quad = _corners(rng, level, height, width, card.height / card.width)
    scene = _lay(scene, _printed(flat, light), quad, rng, shadow=level.kind == "photo")
    scene = _lit(scene, rng, level)
    scene = _sensed(scene, rng, light, level)
    return Image.fromarray(_jpeg(scene, rng, level))


def _printed(flat: Pixels, light: np.random.Generator) -> Pixels:
    """Give the paper a fibre and the ink a little less than full black."""
    height, width = flat.shape[:2]
    fibre = cv2.resize(_grain(light, height // 2, width // 2), (width, height)) * np.float32(1.6)
    return _float32(flat * np.float32(0.93) + (fibre + 14)[:, :, None])


def _grain(light: np.random.Generator, height: int, width: int) -> Mask:
    return light.standard_normal((height, width), dtype=np.float32)


def _scanner(height: int, width: int) -> Pixels:
    return np.full((height, width, 3), 246, dtype=np.float32)


def _desk(rng: Random, light: np.random.Generator, height: int, width: int) -> Pixels:
    """Paint wood, cloth, stone or a plain table."""
    surface, colours = rng.choice(DESKS)
    base = np.array(rng.choice(colours), dtype=np.float32)
    pattern = surface(light, height, width)
    return _float32(base * (1 + pattern[:, :, None]))


def _cloud(light: np.random.Generator, height: int, width: int, rows: int, columns: int) -> Mask:
    """Smooth noise, about -1..1, with that many bumps down and across."""
    seed = light.standard_normal((rows, columns), dtype=np.float32)
    return _float32(cv2.resize(seed, (width, height), interpolation=cv2.INTER_CUBIC) * 0.5)


def _wood(light: np.random.Generator, height: int, width: int) -> Mask:
    grain = _cloud(light, height, width, 160, 4) * 0.1 + _cloud(light, height, width, 400, 9) * 0.06
    planks = (np.arange(height, dtype=np.float32) % (height / 2.6) < PLANK_GAP) * np.float32(-0.35)
    return _float32(grain + _cloud(light, height, width, 9, 2) * 0.1 + planks[:, None])


def _cloth(light: np.random.Generator, height: int, width: int) -> Mask:
    weave = light.standard_normal((height // 2, width // 2), dtype=np.float32) * 0.07
    return _float32(cv2.resize(weave, (width, height)) + _cloud(light, height, width, 4, 5) * 0.08)


def _stone(light: np.random.Generator, height: int, width: int) -> Mask:
    veins = np.abs(_cloud(light, height, width, 7, 9) + _cloud(light, height, width, 30, 40) * 0.3)
    grit = _cloud(light, height, width, 120, 160) * 0.04
    return _float32(0.05 - np.exp(-veins * 18) * 0.22 + grit)


def _plain(light: np.random.Generator, height: int, width: int) -> Mask:
    grit = _cloud(light, height, width, 200, 260) * 0.012
    return _float32(_cloud(light, height, width, 3, 4) * 0.05 + grit)


def _corners(rng: Random, level: Level, height: int, width: int, ratio: float) -> Pixels:
    """Place the four corners: upper left, upper right, lower right, lower left."""
    fill = rng.uniform(*level.fill)
    w = min(width * fill, height * 0.86 / ratio)
    half = np.array([[-w, -w * ratio], [w, -w * ratio], [w, w * ratio], [-w, w * ratio]]) / 2
    angle = np.deg2rad(rng.uniform(-level.tilt, level.tilt))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = np.array([width / 2, height / 2])
    if level.kind == "photo":
        centre += [rng.uniform(-0.03, 0.03) * width, rng.uniform(-0.04, 0.04) * height]
    reach = level.keystone * w
    pull = np.array([[rng.uniform(-reach, reach), rng.uniform(-reach, reach)] for _ in range(4)])
    return _float32(half @ turn + centre + pull)


def _lay(scene: Pixels, card: Pixels, quad: Pixels, rng: Random, *, shadow: bool) -> Pixels:
    height, width = scene.shape[:2]
    h, w = card.shape[:2]
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32), quad
    )
    laid = cv2.warpPerspective(card, matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.ones((h, w), dtype=np.float32), matrix, (width, height))
    if shadow:
        scene *= (1 - _shadow(mask, rng))[:, :, None]
    laid -= scene
    laid *= mask[:, :, None]
    return _float32(scene + laid)


def _shadow(mask: Mask, rng: Random) -> Mask:
    """A soft shadow beside the card and a thin dark line where it touches the table."""
    small = cv2.resize(mask, None, fx=0.25, fy=0.25)
    shift = np.array([[1, 0, rng.uniform(-3, 5)], [0, 1, rng.uniform(1, 5)]], dtype=np.float32)
    moved = cv2.warpAffine(small, shift, (small.shape[1], small.shape[0]))
    soft = cv2.GaussianBlur(moved, (0, 0), rng.uniform(2, 5)) * rng.uniform(0.25, 0.55)
    return _float32(cv2.resize(soft, (mask.shape[1], mask.shape[0])))


def _lit(scene: Pixels, rng: Random, level: Level) -> Pixels:
    """Uneven and coloured light, perhaps the photographer's shadow and a glare."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[0:1:24j, 0:1:32j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    lamp = 1 - rng.uniform(0.3, 1) * level.unevenness * (ramp + 0.7) / 1.4
    lamp -= 0.25 * level.unevenness * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    if level.kind == "photo" and chance(rng, 0.4):
        edge = ramp * 14 + rng.uniform(-5, 1)
        lamp *= 1 - rng.uniform(0.08, 0.28) / (1 + np.exp(edge))
    if chance(rng, level.glare):
        spot = ((x - rng.random()) ** 2 + (y - rng.random()) ** 2) / rng.uniform(0.01, 0.05)
        lamp += rng.uniform(0.08, 0.25) * np.exp(-spot)
    field = cv2.resize(lamp.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    warmth = rng.uniform(-0.05, 0.09) if level.kind == "photo" else 0.0
    exposure = rng.uniform(0.86, 1.02) if level.kind == "photo" else 1.0
    tint = np.array([1 + warmth * 0.6, 1.0, 1 - warmth], dtype=np.float32) * np.float32(exposure)
    scene *= field[:, :, None]
    scene *= tint
    return scene


def _sensed(scene: Pixels, rng: Random, light: np.random.Generator, level: Level) -> Pixels:
    """Lens blur, a shaky hand now and then, sensor noise."""
    sigma = rng.uniform(0.4, 1) * level.blur
    scene = cv2.GaussianBlur(scene, (0, 0), sigma)
    if level.kind == "photo" and chance(rng, 0.2):
        scene = cv2.filter2D(scene, -1, _shake(rng, level))
    height, width = scene.shape[:2]
    strength = np.float32(rng.uniform(0.4, 1) * level.noise)
    brightness = cv2.GaussianBlur(_grain(light, height, width), (0, 0), 0.6) * (strength * 1.7)
    colour = light.standard_normal((height // 3, width // 3, 3), dtype=np.float32) * strength
    scene += brightness[:, :, None]
    scene += cv2.resize(colour, (width, height))
    return scene


def _shake(rng: Random, level: Level) -> Mask:
    length = rng.uniform(1, 1 + level.blur * 1.6)
    kernel = np.zeros((9, 9), dtype=np.float32)
    angle = rng.uniform(0, np.pi)
    for step in np.linspace(-length / 2, length / 2, 15):
        kernel[round(4 + step * np.sin(angle)), round(4 + step * np.cos(angle))] += 1
    kernel = cv2.GaussianBlur(kernel, (0, 0), 0.5)
    return _float32(kernel / kernel.sum())


def _jpeg(scene: Pixels, rng: Random, level: Level) -> NDArray[np.uint8]:
    """Compress and decompress, as every picture that comes by telephone was."""
    bgr = cv2.cvtColor(np.clip(scene, 0, 255).astype(np.uint8), cv2.COLOR_RGB2BGR)
    _, code = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(*level.quality)])
    return np.asarray(
        cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), dtype=np.uint8
    )


def _float32(values: object) -> NDArray[np.float32]:
    """Keep one type through OpenCV, whose functions are untyped."""
    return np.asarray(values, dtype=np.float32)


BROWNS = ((150, 112, 76), (96, 68, 48), (196, 168, 132), (172, 140, 104), (120, 82, 58))
GREYS = ((120, 122, 126), (66, 70, 78), (178, 180, 182), (206, 202, 194), (52, 60, 66))
COLOURS = ((128, 96, 90), (92, 108, 104), (70, 84, 112), (150, 146, 132), (58, 66, 58))
DESKS = [
    (_wood, BROWNS),
    (_wood, BROWNS),
    (_cloth, COLOURS),
    (_stone, GREYS),
    (_plain, GREYS),
    (_plain, COLOURS),
]
