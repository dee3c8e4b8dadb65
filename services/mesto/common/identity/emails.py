"""E-mail addresses: one form by which two spellings of an address are told to be one.

Only Python makes it, and whoever stores addresses to compare them stores this form: no database folds letters as
another one, or as Python, does. Mails go to the address as its holder writes it.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

LONGEST = 254


def normal(address: str) -> str:
    """Return the address as it is shown and written to: trimmed, composed (NFC), the domain in its own letters.

    Raises ValueError with a sentence for what is no address.
    """
    try:
        return validate_email(address.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"This is not an e-mail address. {error}") from error


def key(address: str) -> str | None:
    """Return what all spellings of an address have in common, None for what is no address (so nobody has it).

    The domain is in ASCII (IDNA 2008), the part before it in small letters. These are lower-cased letter by letter and
    not case-folded: ß and ss, or ſ and s, may be mailboxes of two people, and an address gives rights.
    """
    try:
        found = validate_email(address.strip(), check_deliverability=False)
    except EmailNotValidError:
        return None
    # Letter by letter, so that a Σ does not depend on what stands beside it; ς is how σ is written at an end.
    small = "".join(letter.lower() for letter in found.local_part).replace("ς", "σ")
    return f"{unicodedata.normalize('NFC', small)}@{found.ascii_domain.lower()}"


def domain(address: str) -> str | None:
    """Return the domain of an address in ASCII (IDNA 2008) and small letters, None for what is no address."""
    found = key(address)
    return None if found is None else found.rpartition("@")[2]


def same(one: str | None, other: str | None) -> bool:
    """Return whether two spellings are of one address; never for what is no address."""
    return bool(one and other) and (found := key(one or "")) is not None and found == key(other or "")


Email = Annotated[str, Field(max_length=LONGEST, json_schema_extra={"format": "email"}), AfterValidator(normal)]
"""An address in the body of a request, as it is written to."""
