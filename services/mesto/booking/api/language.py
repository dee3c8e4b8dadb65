"""The language of an answer: ``ru`` or ``en``, by Accept-Language."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from mesto.common.language import negotiate

AcceptLanguage = Annotated[str, Header(max_length=1000)]


async def _from_header(accept_language: AcceptLanguage = "") -> str:
    return negotiate(accept_language)


Language = Annotated[str, Depends(_from_header)]
