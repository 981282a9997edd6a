"""Numbers that belong to somebody: cards, telephones, bank accounts. Found by shape, then proved by their checks.

Each regular expression here reads a text once from left to right: runs are bounded, nothing can be read in two ways.
"""

import re
from collections.abc import Iterator
from typing import Final

from renderer.redact.text.masks import Span

_GAP = r"[ \u00a0\u2009\u202f\-\u2010-\u2014.]"
# Issuers (ISO/IEC 7812): American Express, Diners, JCB, Visa, Mastercard, Maestro, Discover, UnionPay.
_CARD = re.compile(
    rf"(?<![\w.])[2-6]\d{{3}}(?:\d{{9,15}}|(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}?\d{{1,3}})?|{_GAP}\d{{6}}{_GAP}\d{{4,5}})(?![\w])(?!\.\d)"
)
# Where there are digits enough near one another. All else is asked only there: a regular expression that may begin with
# anything costs ten times as much as one that begins with a digit, and texts are long and streamed.
_SEPARATORS = r"[ \u00a0\u2009\u202f().\-\u2010-\u2014/]{0,4}"
_SIX = (re.compile(rf"[0-9](?:{_SEPARATORS}[0-9]){{5,}}"), re.compile(rf"\d(?:{_SEPARATORS}\d){{5,}}"))
_THIRTEEN = (re.compile(rf"[0-9](?:{_GAP}?[0-9]){{12,}}"), re.compile(rf"\d(?:{_GAP}?\d){{12,}}"))
_BEFORE = 28  # "telephone number is (+"
# What joins one record to another: UUIDs, and what W3C Trace Context sends (version-trace-parent-flags). Their digits are nobody's.
_JOINING = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    r"|[0-9A-Fa-f]{2}-[0-9A-Fa-f]{32}-[0-9A-Fa-f]{16}-[0-9A-Fa-f]{2})(?![0-9A-Za-z])"
)
_LONGEST_JOINING = 55

_RUN = r"[\d \u00a0\u2009\u202f().\-\u2010-\u2014/]"
_INTERNATIONAL = re.compile(rf"(?<![\w+])(?:\(?\+[ (]?|00(?=[1-9]))[1-9]{_RUN}{{6,26}}")
_TRUNK = re.compile(r"(?<![\w.,+\-/])\(?0[1-9][\d \u00a0\u2009\u202f()\-\u2010-\u2014/]{6,20}")
_AMERICAN = re.compile(
    r"(?<![\w.\-])(?:1[ .\-])?(?:\([2-9]\d{2}\)[ \-]?|[2-9]\d{2}[ .\-])\d{3}[ .\-]\d{4}(?![\w\-])(?!\.\d)"
)
_BRACKETED = re.compile(r"(?<![\w.\-])\(\d{2,5}\) ?\d{3,5}[ \-]\d{3,5}(?![\w\-])(?!\.\d)")
_NAMED = re.compile(
    r"(?i:\b(?:tel|telephone|telefon|phone|mobile|mobil|fax|cell|whatsapp|sms)\b)[.:# \u00a0\"'=]{1,4}(?:is |no\.? |number )?"
    r"(\(?\d[\d \u00a0().\-/]{5,20})"
)
_DATE = re.compile(
    r"\(?\d{1,2}([/\-])\d{1,2}\1(?:\d{4}|\d{2})(?![\d/\-])|\(?\d{1,2} \d{1,2} (?:19|20)\d{2}(?!\d)"
    r"|\(?\d{1,2}[ /\-](?:19|20)\d{2}(?!\d)[ /\-]?\d{1,2}(?!\d)"
)
_GROUP = re.compile(r"\d+")

_IBAN = re.compile(r"[0-9](?<![A-Za-z0-9][A-Za-z]{2}[0-9])(?<=[A-Za-z]{2}[0-9])[0-9](?=[ \u00a0\-]?[A-Za-z0-9]{3})")
# ISO 13616's register: letters and digits in all.
_IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
    "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
    "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip

# The countries whose letters are hexadecimal digits: their accounts have digits alone, and hexadecimal tokens have letters.
_LIKE_HEXADECIMAL: Final = frozenset({"AE", "BA", "BE", "DE", "EE"})

_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w])(?!\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")


def cards(text: str) -> Iterator[Span]:
    """Payment cards of 13 to 19 digits whose last digit is right (Luhn). Not parts of identifiers."""
    for zone in _THIRTEEN[not text.isascii()].finditer(text):
        for match in _CARD.finditer(text, zone.start(), zone.end() + 2):
            digits = [int(sign) for sign in match[0] if sign.isdigit()]
            if 13 <= len(digits) <= 19 and _issued(digits) and _luhn(digits) and not _in_joining(text, *match.span()):
                yield match.span()


def phones(text: str) -> Iterator[Span]:
    """International numbers, and national ones whose shape no price, date or count has."""
    reached = 0
    for zone in _SIX[not text.isascii()].finditer(text):
        start, end = max(reached, zone.start() - _BEFORE), zone.end() + 2
        yield from _runs(_INTERNATIONAL, text, start, end, 8, 15)
        yield from _runs(_TRUNK, text, start, end, 9, 12)
        for match in _NAMED.finditer(text, start, end):
            yield from _number(text, match.start(1), match.end(1), 6, 15)
        for pattern in (_AMERICAN, _BRACKETED):
            for match in pattern.finditer(text, start, end):
                if not _in_joining(text, *match.span()):
                    yield match.span()
        reached = zone.end()


def ibans(text: str) -> Iterator[Span]:
    """Bank accounts of the length of their country whose check digits are right (ISO 7064, mod 97)."""
    for match in _IBAN.finditer(text):
        start = match.start() - 2
        length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
        end = _end_of(text, start, length) if length else None
        if end is None:
            continue
        account = "".join(sign for sign in text[start:end] if sign.isalnum()).upper()
        if account[:2] in _LIKE_HEXADECIMAL and not account[2:].isdecimal():
            continue
        if _in_joining(text, start, end):
            continue
        if int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1:
            yield start, end


def addresses(text: str) -> Iterator[Span]:
    """IP addresses, versions 4 and 6."""
    for match in _IPV4.finditer(text):
        yield match.span()
    for match in _IPV6.finditer(text):
        if sum(sign.isalnum() for sign in match[0]) >= 3 and ("::" in match[0] or match[0].count(":") == 7):
            yield match.span()


def _issued(digits: list[int]) -> bool:
    first, two, four = digits[0], digits[0] * 10 + digits[1], int("".join(map(str, digits[:4])))
    count = len(digits)
    if first == 4:
        return count in {13, 16, 19}
    if first == 2:
        return count == 16 and 2200 <= four <= 2720
    if first == 3:
        return (
            (two in {34, 37} and count == 15)
            or (two in {30, 36, 38, 39} and count == 14)
            or (two == 35 and count >= 16)
        )
    return count == 16 or two not in {51, 52, 53, 54, 55}


def _luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _in_joining(text: str, start: int, end: int) -> bool:
    near = _JOINING.finditer(text, max(0, start - _LONGEST_JOINING), end + _LONGEST_JOINING)
    return any(found.start() < end and found.end() > start for found in near)


def _runs(pattern: re.Pattern[str], text: str, start: int, end: int, fewest: int, most: int) -> Iterator[Span]:
    """One number after another, also where a blank alone stands between them."""
    position = start
    while match := pattern.search(text, position, end):
        found = None
        if pattern is not _TRUNK or not _DATE.match(match[0]):
            found = next(_number(text, *match.span(), fewest, most + 2 * match[0].startswith("00")), None)
        if found:
            yield found
        first = _GROUP.search(text, match.start())
        position = found[1] if found else first.end() if first else match.end()


def _number(text: str, start: int, end: int, fewest: int, most: int) -> Iterator[Span]:
    """The longest run of whole groups from `start` that has a telephone number's count of digits."""
    if end < len(text) and text[end].isdigit():
        while end > start and text[end - 1].isdigit():  # the run was cut in the middle of a group
            end -= 1
    stop, count = None, 0
    for number, group in enumerate(_GROUP.finditer(text, start, end)):
        length = group.end() - group.start()
        if count + length > most or (number > 1 and length == 1 and count >= fewest):
            break
        if number > 1 and length == 1:
            return  # a list of numbers, a drawing's path
        count += length
        stop = group.end()
    if stop is None or count < fewest:
        return
    after = text[stop : stop + 1]
    if (after and (after.isalnum() or after == "_")) or _in_joining(text, start, stop):
        return
    yield start, stop


def _end_of(text: str, start: int, length: int) -> int | None:
    """Where a run of `length` letters and digits with single blanks or hyphens between them ends."""
    seen, position, gap = 0, start, False
    while position < len(text) and seen < length:
        sign = text[position]
        if sign.isascii() and sign.isalnum():
            seen, gap = seen + 1, False
        elif sign in " \u00a0-" and not gap:
            gap = True
        else:
            return None
        position += 1
    if seen < length or (position < len(text) and text[position].isascii() and text[position].isalnum()):
        return None
    return position
