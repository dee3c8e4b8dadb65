"""What a run has seen so far, and the judgement at its end. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from mesto.common.sentences import count
from mesto.contracts.offers import Coverage, Ended, Failure, Offer, Terms
from mesto.contracts.scraping import Expect

_NOTHING_SAID = Terms()
_GATE = re.compile(
    r"captcha|are you (?:a )?(?:robot|human)|not a robot|не робот|unusual traffic|access denied|"
    r"доступ (?:ограничен|запрещ[её]н)|checking your browser|cf-chl",
    re.IGNORECASE,
)
_LOOKED_AT = 65_536


def looks_blocked(text: str) -> bool:
    """Return whether a page without offers is one that keeps robots out."""
    return _GATE.search(text[:_LOOKED_AT]) is not None


@dataclass
class RunStats:
    """Counts of one run. The first failure counts: every page that a run wants is needed for a whole picture."""

    pages: int = 0
    offers: int = 0
    unnamed: int = 0
    misplaced: int = 0
    """Offers whose position cannot be true."""
    broken: int = 0
    """Blocks of structured data that cannot be read."""
    covered: Counter[str] = field(default_factory=Counter)
    failure: Failure | None = None
    message: str = ""

    def fail(self, failure: Failure, message: str) -> None:
        """Note why the run cannot end well."""
        if self.failure is None:
            self.failure, self.message = failure, message.rstrip(".") + "."

    def count(self, offer: Offer) -> None:
        """Count an offer and what it has."""
        self.offers += 1
        for name in ("url", "address", "price", "amenities"):
            self.covered[name] += bool(getattr(offer, name))
        self.covered["terms"] += offer.terms != _NOTHING_SAID

    def coverage(self) -> Coverage | None:
        """Return the coverage in percent, rounded down; None without offers."""
        if not self.offers:
            return None
        return Coverage(**{name: self.covered[name] * 100 // self.offers for name in Coverage.model_fields})

    def judge(self, expect: Expect) -> tuple[Ended, str]:
        """Return how the run ended, and a sentence for people."""
        if self.failure is not None:
            return self.failure, self.message
        if self.unnamed and not self.offers:
            items = count(self.unnamed, "item was", "items were")
            return "parse", f"{items} found, none with a name: look at extract.fields.name."
        if self.offers < expect.min_items:
            return (
                "parse" if self.broken and not self.offers else "empty",
                f"{count(self.offers, 'offer was', 'offers were')} found on {count(self.pages, 'page')}, "
                f"at least {count(expect.min_items, 'is', 'are')} expected."
                f"{self._left_out()}",
            )
        if missing := self._missing(expect.coverage):
            return "coverage", f"Of {count(self.offers, 'offer')} too few have what is expected: {'; '.join(missing)}."
        return "succeeded", f"{count(self.offers, 'offer')} on {count(self.pages, 'page')}.{self._left_out()}"

    def _left_out(self) -> str:
        counted = {
            ("item without a name was", "items without a name were", "left out"): self.unnamed,
            ("block of structured data was", "blocks of structured data were", "not read"): self.broken,
            ("position that cannot be true was", "positions that cannot be true were", "left out"): self.misplaced,
        }
        return "".join(f" {count(n, singular, plural)} {what}." for (singular, plural, what), n in counted.items() if n)

    def _missing(self, expected: Coverage) -> list[str]:
        found = self.coverage()
        if found is None:
            return []
        return [
            f"{name} {getattr(found, name)} %, expected {least} %"
            for name in Coverage.model_fields
            if getattr(found, name) < (least := getattr(expected, name))
        ]
