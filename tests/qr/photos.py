"""Photographs of a standee that never was: board, perspective, blur, dusk, noise, JPEG. Pillow only, seeded."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.qr.drawing import image
from app.qr.symbol import symbol

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """How the photo was taken. Lengths are pixels of the finished photo."""

    width: int = 1200
    height: int = 1600
    tilt: float = 0.06
    blur: float = 0.8
    motion: int = 0
    light: float = 1.0
    shadow: float = 0.0
    noise: float = 6.0
    glare: float = 0.0
    quality: int = 85
    share: float = 0.5
    turn_degrees: float = 12.0


MODERATE: dict[str, Scene] = {
    "clean": Scene(),
    "large photo": Scene(width=3000, height=4000, share=0.4),
    "out of focus": Scene(blur=4.0),
    "far out of focus": Scene(blur=6.0),
    "moving hand": Scene(motion=15),
    "slanting": Scene(tilt=0.16),
    "dusk": Scene(light=0.15, noise=4.0),
    "shadow": Scene(shadow=0.6),
    "small picture": Scene(width=375, height=500, blur=0.5),
    "tiny picture": Scene(width=260, height=350, blur=0.4),
    "messenger": Scene(width=600, height=800, quality=25),
    "glare": Scene(glare=0.5),
    "far away": Scene(share=0.18),
    "upside down": Scene(turn_degrees=180.0),
    "everything a little": Scene(
        width=900, height=1200, blur=2.0, light=0.5, shadow=0.3, tilt=0.1, quality=40, noise=10
    ),
}


def photo(payload: str, scene: Scene, seed: int = 0) -> Image.Image:
    """A picture of the code on a coloured board under this scene; the same seed gives the same picture."""
    chance = random.Random(seed)
    board = _board(payload, chance)
    placed = _placed(board, scene, chance)
    for step in (_shadowed, _glaring, _blurred, _dimmed, _noisy):
        placed = step(placed, scene, chance)
    return placed


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    with io.BytesIO() as file:
        picture.save(file, "JPEG", quality=quality)
        return file.getvalue()


def _board(payload: str, chance: random.Random) -> Image.Image:
    code = image(symbol(payload), module_pixels=12).convert("RGB")
    colour = chance.choice([(24, 67, 84), (246, 184, 42), (232, 50, 50), (165, 0, 100)])
    board = Image.new("RGB", (int(code.width * 1.3), int(code.width * 1.8)), colour)
    draw = ImageDraw.Draw(board)
    for row in range(4):
        top = int(code.width * (0.05 + 0.06 * row))
        draw.rectangle((40, top, 40 + chance.randint(200, 500), top + 14), fill=(255, 255, 255))
    board.paste(code, (int(code.width * 0.15), int(code.width * 0.4)))
    return board


def _placed(board: Image.Image, scene: Scene, chance: random.Random) -> Image.Image:
    side = min(scene.width, scene.height) * scene.share * 1.3
    tall = side * board.height / board.width
    middle = complex(
        scene.width / 2 + chance.uniform(-0.05, 0.05) * scene.width,
        scene.height / 2 + chance.uniform(-0.03, 0.03) * scene.height,
    )
    spin = complex(*_unit(scene.turn_degrees + chance.uniform(-4, 4)))
    corners = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        slant = complex(1 + chance.uniform(-scene.tilt, scene.tilt), 0)
        at = middle + complex(x * side, y * tall) * spin * slant
        corners.append((at.real, at.imag))
    corners_on_board = ((0, 0), (board.width, 0), (board.width, board.height), (0, board.height))
    size = (scene.width, scene.height)
    coefficients = perspective(corners, corners_on_board)
    scale = board.width / side
    soft = board.filter(ImageFilter.GaussianBlur(scale / 3)) if scale > 1.5 else board
    warped = soft.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    whole = Image.new("L", board.size, 255).transform(size, Image.Transform.PERSPECTIVE, coefficients)
    background = Image.effect_noise((64, 64), 60).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    return Image.composite(warped, background, whole)


def _unit(degrees: float) -> Point:
    turned = complex(0, 1) ** (degrees / 90)
    return turned.real, turned.imag


def perspective(here: Sequence[Point], there: Sequence[Point]) -> list[float]:
    """The eight numbers Pillow wants to map four points here to four points there."""
    rows = []
    for (x, y), (u, v) in zip(here, there, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):
        pivot = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(8):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [rows[row][8] / rows[row][row] for row in range(8)]


def _gradient(size: tuple[int, int], chance: random.Random) -> Image.Image:
    gradient = Image.linear_gradient("L").rotate(chance.choice([0, 90, 180, 270]))
    return gradient.resize(size, Image.Resampling.BILINEAR)


def _shadowed(picture: Image.Image, scene: Scene, chance: random.Random) -> Image.Image:
    if not scene.shadow:
        return picture
    darker = picture.point([int(level * (1 - scene.shadow)) for level in range(256)] * 3)
    sharp = _gradient(picture.size, chance).point([max(0, min(255, (level - 96) * 4)) for level in range(256)])
    return Image.composite(darker, picture, sharp)


def _glaring(picture: Image.Image, scene: Scene, chance: random.Random) -> Image.Image:
    if not scene.glare:
        return picture
    spot = ImageChops.invert(Image.radial_gradient("L")).point([int(level * scene.glare) for level in range(256)])
    side = int(min(picture.size) * scene.share * 0.6)
    mask = Image.new("L", picture.size, 0)
    mask.paste(spot.resize((side, side)), (chance.randint(0, picture.width - side), picture.height // 2 - side // 2))
    return Image.composite(Image.new("RGB", picture.size, "white"), picture, mask)


def _blurred(picture: Image.Image, scene: Scene, chance: random.Random) -> Image.Image:
    if scene.motion:
        picture = picture.filter(ImageFilter.BoxBlur((scene.motion / 2, 0)))
    return picture.filter(ImageFilter.GaussianBlur(scene.blur * chance.uniform(0.8, 1.1)))


def _dimmed(picture: Image.Image, scene: Scene, chance: random.Random) -> Image.Image:
    light = scene.light * chance.uniform(0.9, 1.1) if scene.light < 1 else 1.0
    return picture.point([min(255, int(level * light)) for level in range(256)] * 3)


def _noisy(picture: Image.Image, scene: Scene, _chance: random.Random) -> Image.Image:
    noise = Image.effect_noise(picture.size, scene.noise)
    return ImageChops.add(picture, Image.merge("RGB", [noise] * 3), scale=1.0, offset=-128)


Photographer = Callable[[str, Scene, int], Image.Image]
