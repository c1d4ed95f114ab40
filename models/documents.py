"""What documents of every kind have in common: which files are their pages, and how long a tag may be.

Source: https://docs.mangopay.com/api-reference/kyc-documents and .../dispute-documents
"""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_TAG = 255
_BEGINNINGS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRules:
    """How large the pages of a document may be, and how many; sizes are those before base64, which adds a third."""

    largest_bytes: int
    most_pages: int
    smallest_bytes: int
    # Some types of document need more, to be readable.
    smallest_by_type: Mapping[str, int]

    def refuse(self, document_type: str, content: bytes, name: str) -> str | None:
        """Return what is wrong with a file as a page of such a document, in one sentence; None when it is good.

        Its content decides; the name is only repeated.
        """
        refusal = self.refuse_size(document_type, len(content), name)
        if refusal is None and not content.startswith(_BEGINNINGS):
            return f"“{name}” is no PDF, JPEG or PNG, whatever its name says."
        return refusal

    def refuse_size(self, document_type: str, size: int, name: str) -> str | None:
        """Return what is wrong with the size of a file, in bytes, as long as that is all that is known of it."""
        if size > self.largest_bytes:
            return f"“{name}” is too large: Mangopay takes at most {size_text(self.largest_bytes)}."
        least = self._smallest(document_type)
        if size < least:
            return f"“{name}” is too small to be readable: this type of document needs at least {size_text(least)}."
        return None

    def sizes(self, document_type: str) -> str:
        """Return the sizes that are good: "1 kB to 7 MB", or "up to 7 MB"."""
        least, most = self._smallest(document_type), size_text(self.largest_bytes)
        return f"{size_text(least)} to {most}" if least else f"up to {most}"

    def _smallest(self, document_type: str) -> int:
        return self.smallest_by_type.get(document_type, self.smallest_bytes)


def size_text(size: int) -> str:
    """Return a size in bytes, kB or MB of a thousand, cut and not rounded, so that what lacks a byte looks it."""
    for unit, bytes_ in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= bytes_:
            tenths = size * 10 // bytes_
            return f"{tenths // 10}{f'.{tenths % 10}' if tenths % 10 else ''} {unit}"
    return f"{size} byte{'' if size == 1 else 's'}"
