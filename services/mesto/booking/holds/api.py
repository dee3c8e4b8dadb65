"""The public API of holds."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import Header, Request, Response
from mesto.booking.bookings.schemas import BookingView, booking_view
from mesto.booking.holds.records import HoldRequest, Renter
from mesto.booking.holds.schemas import NewBooking
from mesto.booking.holds.service import Holds, Rendering
from mesto.booking.idempotency.records import Answer
from mesto.booking.transactions import in_utc
from mesto.common import errors
from mesto.common.errors import Problem
from mesto.common.http.api import AcceptLanguage, Router, problems
from mesto.common.http.language import negotiate
from mesto.common.identity.tokens import CurrentUser
from mesto.contracts.events import BookingState
from mesto.contracts.text import Language

router = Router()
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


def _rendering(request: Request, language: Language) -> Rendering:
    def booking(state: BookingState) -> Answer:
        return Answer(201, "application/json", booking_view(state, language).model_dump_json().encode())

    def problem(found: Problem) -> Answer:
        return Answer(found.status, errors.MEDIA_TYPE, bytes(errors.respond(request, found).body))

    return Rendering(booking, problem)


_HELD: dict[int | str, dict[str, Any]] = {
    201: {
        "headers": {
            "Idempotent-Replayed": {
                "description": "There when the answer is the one of an earlier request with this Idempotency-Key.",
                "schema": {"const": "true"},
            }
        }
    },
    **problems(404, 409, 429),
}


@router.post("/bookings", status_code=201, response_model=BookingView, tags=["bookings"], responses=_HELD)
async def create_booking(
    request: Request, user: CurrentUser, key: Key, body: NewBooking, accept_language: AcceptLanguage = ""
) -> Response:
    """Hold seats until ``expires_at``. Repeated with its Idempotency-Key, the request gets the same answer."""
    # The hot route does without two dependencies: FastAPI takes as long for them as the rules do.
    holds: Holds = request.app.state.booking.holds
    hold_request = HoldRequest(body.resource_id, in_utc(body.start), in_utc(body.end), body.seats)
    renter = Renter(user.user_id, user.email_verified)
    outcome = await holds.create(renter, key, hold_request, _rendering(request, negotiate(accept_language)))
    answer, content = outcome.answer, outcome.answer.body
    if outcome.replayed and answer.media_type == errors.MEDIA_TYPE:
        # The same refusal, but of this request: its id is the one to look for in the logs.
        content = orjson.dumps({**orjson.loads(content), "request_id": request.scope["request_id"]})
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else None
    return Response(content, answer.status, headers, answer.media_type)
