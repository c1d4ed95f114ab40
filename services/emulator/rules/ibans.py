"""IBANs and BICs: what is one, which bank it names, and how a new one is made.

Source: https://docs.mangopay.com/api-reference/bank-accounts/iban
Chosen: the BIC that Mangopay derives from an IBAN is real for the banks of its test accounts; for any other it is made
of the first four characters of the bank code, digits as letters, and the country.
"""

import re

BIC = r"^[a-zA-Z]{6}\w{2}(\w{3})?$"
# How long an IBAN is, by country; source: the SWIFT registry of IBANs.
REGISTRY = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28
    EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27
    JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18
    NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28
    TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
LENGTHS = {entry[:2]: int(entry[2:]) for entry in REGISTRY.split()}
# The banks of Mangopay's test accounts, by country and the beginning of the bank code.
KNOWN_BICS = {
    "FR30004": "BNPAFRPP",
    "FR15589": "CMBRFR2BXXX",
    "GBBARC": "BARCGB22XXX",
    "GBSAPY": "SAPYGB2L",
    "FR74521": "MPAYFRP1PIN",
}


def is_iban(text: str) -> bool:
    """Check country, length and the two check digits: read as a number, modulo 97 must be 1."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text) or LENGTHS.get(text[:2]) != len(text):
        return False
    return _number(text[4:] + text[:4]) % 97 == 1


def make_iban(country: str, bban: str) -> str:
    """Return the IBAN of an account, with check digits that are right."""
    return f"{country}{98 - _number(f'{bban}{country}00') % 97:02d}{bban}"


def bic_of(iban: str) -> str:
    """Return the BIC of the bank that an IBAN names."""
    country, bank = iban[:2], iban[4:]
    for start, bic in KNOWN_BICS.items():
        if (country + bank).startswith(start):
            return bic
    letters = "".join(chr(ord("A") + int(character)) if character.isdigit() else character for character in bank[:4])
    return f"{letters}{country}XX"


def _number(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text))
