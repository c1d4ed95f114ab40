"""How the registration number of a company is written, country by country.

Source: https://docs.mangopay.com/api-reference/users/validate-the-format-of-user-data
Chosen: letters match in either case, and a country without rules answers an empty list of them.
"""

import re

# Letters and digits that are not A to Z and 0 to 9 are taken out before anything is compared.
NOISE = re.compile("[^A-Za-z0-9]")
FORMATS: dict[str, tuple[str, ...]] = {
    "AT": (r"[a-zA-Z]{2}\d{6}[a-zA-Z]", r"\d{1,6}[a-zA-Z]"),
    "BE": (r"\d{10}",),
    "BG": (r"\d{9}", r"\d{13}"),
    "CH": (r"\d{9}", r"CHE\d{9}"),
    "CY": (r"HE\d{5,6}",),
    "CZ": (r"\d{8}",),
    "DE": (r"[a-zA-Z]{2,3}\d{1,6}[a-zA-Z]{0,2}",),
    "DK": (r"\d{8}",),
    "EE": (r"\d{8}",),
    "ES": (r"[a-zA-Z]\d{8}", r"[a-zA-Z]\d{7}[a-zA-Z]"),
    "FI": (r"\d{8}",),
    "FR": (r"\d{9}", r"\d{14}"),
    "GB": (r"\d{7,8}", r"(OC|SC|SO|NI)\d{6}", r"R\d{7}", r"IP\d{5}R"),
    "GR": (r"\d{12}", r"\d{9}"),
    "HR": (r"\d{8}", r"\d{9}", r"\d{11}"),
    "HU": (r"[a-zA-Z]{2}\d{10}", r"\d{10}"),
    "IE": (r"\d{5,6}",),
    "IS": (r"\d{10}",),
    "IT": (r"\d{11}", r"[a-zA-Z]{2}\d{6,7}"),
    "LI": (r"[a-zA-Z]{3}\d{9}",),
    "LT": (r"\d{9}",),
    "LU": (r"[a-zA-Z]\d{6}", r"[A-J]\d{3,6}"),
    "LV": (r"\d{11}",),
    "MT": (r"[a-zA-Z]\d{5,6}",),
    "NL": (r"\d{8}",),
    "NO": (r"\d{9}", r"\d{11}"),
    "PL": (r"\d{6}", r"\d{8}", r"\d{9}", r"\d{10}"),
    "PT": (r"\d{9}", r"\d{3,6}"),
    "RO": (r"\d{8}",),
    "SE": (r"\d{10}",),
    "SI": (r"\d{7,10}",),
    "SK": (r"\d{8}",),
}


def rules(country: str) -> list[str]:
    """Return what `ValidationRules` shows: one text of regular expressions joined by bars, none without rules."""
    formats = FORMATS.get(country, ())
    return ["|".join(f"^{pattern}$" for pattern in formats)] if formats else []


def is_valid(number: str, country: str) -> bool:
    """Tell whether a number is written as its country writes them; any is where no rules are known."""
    formats = FORMATS.get(country, ())
    bare = NOISE.sub("", number).upper()
    return not formats or any(re.fullmatch(pattern, bare) for pattern in formats)
