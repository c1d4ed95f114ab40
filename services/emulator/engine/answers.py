"""Answers in JSON."""

import orjson
from starlette.responses import Response


class Answer(Response):
    """An object or a list, as JSON in UTF-8."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: object) -> bytes:
        return orjson.dumps(content)
