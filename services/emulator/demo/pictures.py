"""Pictures beside the news: a few soft shapes, which a title always draws alike."""

import hashlib
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 540)
COLOURS = ("#1d5bb8", "#0f766e", "#b45309", "#6d28d9", "#be185d", "#334155")


def picture(slug: str) -> bytes:
    """Return a PNG."""
    dice = hashlib.sha256(slug.encode()).digest()
    ground, light = COLOURS[dice[0] % len(COLOURS)], COLOURS[(dice[0] + 1 + dice[1] % 5) % len(COLOURS)]
    image = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(image, "RGBA")
    for at in range(2, 14, 3):
        across, down, radius = dice[at] * SIZE[0] // 255, dice[at + 1] * SIZE[1] // 255, 60 + dice[at + 2]
        pen.ellipse((across - radius, down - radius, across + radius, down + radius), fill=f"{light}66")
    made = BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
