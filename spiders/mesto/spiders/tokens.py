"""A text about a price in pieces: numbers, currencies, words and marks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from mesto.spiders.currencies import NOTHING, meant
from mesto.spiders.numerals import NUMBER, Numeral, lowered, numeral
from mesto.spiders.vocabulary import TIMES

_SIGNS = "".join(sign for code in range(0x20000) if unicodedata.category(sign := chr(code)) == "Sc") + "円元원"
_LETTER = r"[^\W\d_]"
_PIECE = re.compile(
    rf"(?P<number>(?:{NUMBER})(?:[.,][-–—]+)?(?![.,'’]?[0-9]))|"
    r"(?P<broken>[0-9](?:[0-9]|[.,'’](?=[0-9]))*)|"
    rf"(?P<sign>{_LETTER}{{0,4}}[{re.escape(_SIGNS)}]{_LETTER}{{0,3}})|"
    rf"(?P<word>{_LETTER}+(?:[ʻ‘’']{_LETTER}{{1,2}}\b)?)|"
    r"(?P<line>\n)|(?P<space>[^\S\n]+)|(?P<mark>.)",
    re.DOTALL,
)
_SPELLED = (
    # Ways to write that are of several pieces, and one that says the same.
    (r"\bт\.\s?р\.?", "тыс р"),
    (r"\bбел(?:\.|орус\w*)\s?руб\w*\.?", "BYN"),
    (r"\bруб\w*\.?\s?(?:РБ|BY)\b", "BYN"),
    (r"\bдолл\w*\.?\s?США\b|\bU\.?S\.?\s?dollars?\b", "USD"),
    (r"\bроссийск\w+\s(?=руб)", ""),
    (r"\bp\.\s?m\.", "pm"),
    (r"\bS/\.?(?=\s?[0-9])", "PEN "),
    (r"\bB/\.(?=\s?[0-9])", "PAB "),
    (r"\bBs\.\s?S(?![^\W\d_])", "VES "),
    (r"\bF\s?CFA(?![^\W\d_])", "FCFA "),
    (r"\bкв\.\s?м\b", "м²"),
    (r"\bsq\.?\s?(?:ft|m)\b", "sqm"),
    (r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\xad]", ""),
)
Kind = Literal["number", "broken", "currency", "unknown", "word", "mark", "line"]


@dataclass
class Piece:
    """A piece of a text. ``glued``: no blank before it. ``codes``: what a currency may be; ``times``: thousands."""

    kind: Kind
    text: str
    glued: bool = False
    codes: frozenset[str] = NOTHING
    number: Numeral | None = None
    times: int = 1
    word: str = field(init=False)

    def __post_init__(self) -> None:
        self.word = self.text.casefold()

    @property
    def value(self) -> Decimal | None:
        """A number that can be read without knowing the language."""
        return None if self.number is None or self.number.lone else self.number.read()


def pieces(text: str, default: str | None) -> list[Piece]:
    """Return the pieces of a text; a minus makes a number broken, thousands go with their number."""
    for pattern, instead in _SPELLED:
        text = re.sub(pattern, instead, text, flags=re.IGNORECASE)
    text = lowered(text)
    found: list[Piece] = []
    blank, at = True, 0
    while at < len(text) and (match := _PIECE.match(text, at)):
        kind, written, at = str(match.lastgroup), match.group(), match.end()
        if kind == "group":
            kind = "number"
        if kind == "space":
            blank = True
            continue
        if kind == "word" and at < len(text) and text[at].isdigit() and not meant(written, default):
            tail = re.match(r"\w+(?:[.,]\w+)*", text[at:])
            assert tail is not None
            written, at = written + tail.group(), at + tail.end()
        for piece in _typed(kind, written, default):
            piece.glued = not blank
            blank = piece.kind == "line"
            found.append(piece)
        if found and found[-1].kind in ("word", "currency") and text[at : at + 1] == ".":
            at += 1  # of an abbreviation, or of a sentence's end, which the next capital tells
            if re.match(r"\s+[^\Wa-zа-яё\d_]", text[at:]) and found[-1].kind == "word":
                found.append(Piece("mark", ".", True))
    return _joined(found)


def _typed(kind: str, written: str, default: str | None) -> list[Piece]:
    if kind == "number":
        return [Piece("number", written, number=numeral(re.sub(r"[.,][-–—]+$", "", written)))]
    if kind == "word":
        codes = meant(written, default)
        return [Piece("currency", written, codes=codes) if codes else Piece("word", written)]
    if kind == "sign":
        return _sign(written, default)
    if kind == "line":
        return [Piece("line", written)]
    return [Piece("broken" if kind == "broken" else "mark", written)]


def _sign(written: str, default: str | None) -> list[Piece]:
    """Return a sign with the letters beside it.

    It is known as a whole (R$), or a sign with a code or words beside it (AUD$, €p).
    """
    if codes := meant(written, default):
        return [Piece("currency", written, codes=codes)]
    at = next(index for index, token in enumerate(written) if token in _SIGNS)
    for start, end in ((0, at + 1), (at, len(written)), (at, at + 1)):
        codes = meant(written[start:end], default)
        if not codes:
            continue
        before, after = written[:start], written[end:]
        named = meant(before, default) if before else NOTHING
        if before and not named:
            break  # X$: the dollars of somewhere
        made = [Piece("currency", before, codes=named)] if before else []
        made.append(Piece("currency", written[start:end], codes=codes))
        return made + (_typed("word", after, default) if after else [])
    return [Piece("unknown", written)]


def _joined(found: list[Piece]) -> list[Piece]:
    """Return numbers with their thousands, and without those that a minus stands before."""
    kept: list[Piece] = []
    for piece in found:
        before = kept[-1] if kept else None
        if before is not None and before.text in ("№", "#") and piece.kind == "number":
            piece.kind = "broken"  # where the number of a room ends and an amount begins cannot be told
        multiplied = before is not None and before.kind == "number" and piece.kind == "word" and piece.word in TIMES
        if before is not None and multiplied and (len(piece.word) > 1 or piece.glued):
            before.times *= TIMES[piece.word]
            continue
        if before is not None and before.word in "-−–" and before.kind == "mark" and piece.glued:
            further = kept[-2] if len(kept) > 1 else None
            alone = not before.glued or further is None or further.kind in ("mark", "line")
            if alone and piece.kind in ("number", "currency"):
                piece.kind = "broken" if piece.kind == "number" else "unknown"
            elif further is not None and further.kind == "currency" and before.glued and piece.kind == "number":
                piece.kind = "broken"  # $-500
        kept.append(piece)
    return kept
