"""Why an operation ended as it did: Mangopay's result codes in words that an operator understands.

New codes appear now and then, so one that is missing here is not explained, and Mangopay's own message must do.
Source: https://docs.mangopay.com/errors/codes
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models import result_code_table, result_code_table_cards, result_code_table_payins


@dataclass(frozen=True, slots=True)
class ResultCode:
    """One code. `message` is Mangopay's ResultMessage, typos included; `advice` may be empty."""

    code: str
    message: str
    meaning: str
    advice: str


def explain(code: str | None) -> ResultCode | None:
    """Return what is known of a ResultCode; None for none, an empty one and one that is not known."""
    return RESULT_CODES.get(code or "")


_CONTINUED = re.compile(r"\n {12}")
_ENTRY = re.compile(
    r"^ {4}(?P<code>\d+) (?P<message>.+)\n {8}(?P<meaning>[^> ].+)(?:\n {8}> (?P<advice>.+))?$", re.MULTILINE
)


def _read(table: str) -> Iterator[ResultCode]:
    for code, message, meaning, advice in _ENTRY.findall(_CONTINUED.sub(" ", table)):
        yield ResultCode(code=code, message=message, meaning=meaning, advice=advice)


RESULT_CODES: Mapping[str, ResultCode] = MappingProxyType(
    {
        entry.code: entry
        for part in (result_code_table, result_code_table_payins, result_code_table_cards)
        for entry in _read(part.TABLE)
    }
)
