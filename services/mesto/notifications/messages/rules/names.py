"""Which names a greeting may carry: anybody may register with any words, and a mail carries them under our name."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 64
"""What is longer is a sentence, not a name."""
_DIGITS = 4
"""More digits than these are a telephone number, not the third of a name."""
_MARKS = frozenset(" -'.,\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}\N{HYPHEN}\N{MIDDLE DOT}")
# A dot with two letters or more behind it makes a domain (evil.com); initials stay (J.R.R. Tolkien).
_DOMAIN = re.compile(r"\.\w\w", re.UNICODE)
_SCHEME = re.compile(r"http|www|ftp|mailto", re.IGNORECASE)


def name_for_greeting(name: str) -> str:
    """Return the name as a greeting carries it; empty when it is none, or looks like an address or a link.

    Mail clients make links of what merely looks like one, full-width letters and dots included, so only letters,
    a few digits and the marks of names pass.
    """
    plain = " ".join(unicodedata.normalize("NFKC", name).split())
    if not plain or len(plain) > MAX_LENGTH or _DOMAIN.search(plain) or _SCHEME.search(plain):
        return ""
    kinds = [unicodedata.category(sign) for sign in plain]
    allowed = all(sign in _MARKS or kind[0] in "LM" or kind == "Nd" for sign, kind in zip(plain, kinds, strict=True))
    named = any(kind[0] == "L" for kind in kinds)
    return plain if allowed and named and kinds.count("Nd") <= _DIGITS else ""
