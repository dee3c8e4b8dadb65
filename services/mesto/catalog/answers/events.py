"""Events coming in: what booking and geo made of our spaces. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.catalog.answers.service import Answers
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import SpaceApplied, SpaceLocated


def handlers(answers: Answers) -> Mapping[str, Handler]:
    """Return handlers by event type; each returns once its effect is committed."""
    return dict((on(SpaceApplied, answers.note_applied), on(SpaceLocated, answers.note_located)))
