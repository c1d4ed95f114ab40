"""Makes strangers' pictures small and anew, so that none of their bytes reach a browser."""

from io import BytesIO

from PIL import Image

WIDTH, HEIGHT = 640, 360
MOST_PIXELS = 10_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def make_small(content: bytes) -> bytes:
    """Return a picture as WebP that fills 640 by 360 pixels at most. Raises ValueError: it is none, or too large.

    It is work for a process of its own (`services.feeds.apart`): what a picture does to its decoder, nobody knows.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            image.draft("RGB", (WIDTH * 2, HEIGHT * 2))
            small = image.convert("RGBA" if image.has_transparency_data else "RGB")
            small.thumbnail((WIDTH, HEIGHT))
            made = BytesIO()
            small.save(made, "WEBP", quality=80)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("not a picture") from error
    return made.getvalue()
