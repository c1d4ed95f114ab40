"""Time zones by the words that status pages write, as fixed offsets: CET is +1 in summer too.

A word that means several zones (IST, BST in Asia) is left out, save those that status pages of Europe and America use.
Source: https://www.iana.org/time-zones
"""

from collections.abc import Mapping
from datetime import timedelta, timezone
from types import MappingProxyType

_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "JST": 9,
    "AEST": 10,
    "AEDT": 11,
}

ZONES: Mapping[str, timezone] = MappingProxyType({word: timezone(timedelta(hours=h)) for word, h in _HOURS.items()})
