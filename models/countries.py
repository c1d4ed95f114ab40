"""The countries of ISO 3166-1, with the English names that Unicode's CLDR gives them."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from babel import Locale
from babel.core import get_global

# CLDR names these as well, though ISO 3166-1 has only reserved them, or leaves them to whoever likes to use them.
NOT_OF_ISO = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ".split())  # noqa: SIM905  (reads better in a row)


@cache
def countries() -> Mapping[str, str]:
    """Return the English name of every country by its alpha-2 code, in the order of the names."""
    names = {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_OF_ISO
    }
    return MappingProxyType(dict(sorted(names.items(), key=lambda entry: _plain(entry[1]))))


def country_name(code: str) -> str:
    """Return the name behind an alpha-2 code, or an alpha-3 one, as cards have it; an unknown code as it came."""
    is_alpha_3 = len(code) == 3 and code.isalpha()
    alpha_2 = get_global("territory_aliases").get(code, [code])[0] if is_alpha_3 else code
    return countries().get(alpha_2, code)


def _plain(name: str) -> str:
    """Return a name without its accents: Åland belongs beside Albania, and not behind Zimbabwe."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).casefold()
