"""A place in a list that is ordered by time, and by id among equal times: pages start right after it, or before it."""

from dataclasses import dataclass
from datetime import datetime

from models.columns import from_milliseconds, to_milliseconds

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """The place of one row. As text it goes into an address, and means the same on every process."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{to_milliseconds(self.at)}.{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> "Cursor | None":
        """Read what `str` wrote; None for anything else, because addresses are typed and shortened."""
        milliseconds, _, row_id = (text or "").partition(".")
        try:
            cursor = cls(from_milliseconds(int(milliseconds)), int(row_id))
        except (ValueError, OverflowError):
            return None
        return cursor if 0 <= cursor.id <= LARGEST_ID else None
