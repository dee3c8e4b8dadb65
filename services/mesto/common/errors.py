"""Errors with an HTTP face: RFC 9457 problem details, one shape for everything that goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import sentry_sdk
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import RouteContext, iter_route_contexts
from mesto.common.database.engine import UNAVAILABLE, is_transient
from mesto.common.sentences import validator_message
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import Scope

log = structlog.get_logger(__name__)
TYPE_BASE = "https://mesto.dev/problems/"
MEDIA_TYPE = "application/problem+json"


MOST_ERRORS = 50
"""So many wrong fields are named in one answer; who has more of them knows what to do after these."""
FIELD_CHARACTERS, MESSAGE_CHARACTERS = 100, 500
"""A field's name can be a client's own invention, and a message can quote it."""


class FieldError(BaseModel):
    """One field that is wrong; ``field`` is a dotted path."""

    field: str
    message: str


class ProblemBody(BaseModel):
    """RFC 9457 problem details as every API of Mesto answers them."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    request_id: str = ""
    errors: list[FieldError] = []


class Problem(Exception):
    """An expected failure with its HTTP answer. ``slug`` ends the type and is stable; ``extra`` adds members."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.errors, self.headers, self.extra = errors or [], dict(headers or {}), extra


def not_found(what: str = "This") -> Problem:
    """Return a 404 that names what was looked for."""
    return Problem(404, "not-found", f"{what} does not exist, or is not yours to see.")


def forbidden(detail: str = "You may not do this.") -> Problem:
    """Return a 403 for a known user without the right."""
    return Problem(403, "forbidden", detail)


def email_unverified(detail: str = "Verify your e-mail address first: we have sent a link to it.") -> Problem:
    """Return a 403 for an account that will have the right once it has proved that its address is its own."""
    return Problem(403, "email-unverified", detail)


def unauthorized(detail: str = "Sign in first.") -> Problem:
    """Return a 401; its answer carries the challenge that RFC 6750 asks for."""
    return Problem(401, "unauthorized", detail)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def body(problem: Problem, instance: str, request_id: str) -> dict[str, object]:
    """Return the document of a problem."""
    told, all_of_them = problem.errors[:MOST_ERRORS], len(problem.errors)
    more = f" These are the first {MOST_ERRORS} of {all_of_them}." if all_of_them > MOST_ERRORS else ""
    return {
        "type": TYPE_BASE + problem.slug,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail + more,
        "instance": instance,
        "request_id": request_id,
        "errors": [
            {"field": _cut(error.field, FIELD_CHARACTERS), "message": _cut(error.message, MESSAGE_CHARACTERS)}
            for error in told
        ],
        **problem.extra,
    }


def respond(request: Request, problem: Problem) -> JSONResponse:
    """Return the HTTP answer of a problem."""
    document = body(problem, request.url.path, request.scope.get("request_id", ""))
    challenge = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}  # RFC 9110 asks for one with every 401
    return JSONResponse(document, problem.status, headers=challenge | problem.headers, media_type=MEDIA_TYPE)


def allowed(request: Request) -> str:
    """Return the methods of an address for Allow, of all its routes. Empty when it is undocumented."""
    return ", ".join(sorted(method for route in documented(request) for method in route.methods or ()))


def documented(request: Request) -> list[RouteContext]:
    """Return the routes of the address that a request came to, of all methods, which the OpenAPI shows."""
    address = template(request.scope)
    routes = iter_route_contexts(request.app.routes)
    return [route for route in routes if route.path_format == address and route.include_in_schema]


def template(scope: Scope) -> str:
    """Return the whole template of the route that took a request, ``unmatched`` without one."""
    route = scope.get("route")
    if route is None:
        return "unmatched"
    # A route of an included router knows its own part only; FastAPI keeps the whole one beside it.
    included = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(included or route, "path_format", None) or getattr(route, "path", "unmatched"))


def _from_validation(error: RequestValidationError) -> Problem:
    fields = [
        FieldError(
            field=".".join(str(part) for part in item["loc"] if part not in ("body", "query", "path", "header"))
            or "body",
            message=validator_message(item["msg"]),
        )
        for item in error.errors()
    ]
    return Problem(422, "invalid-request", "Some fields are not right.", errors=fields)


def unhandled(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to a bug: logged whole, told to the client without a word of it."""
    log.error("unhandled_error", exc_info=error, path=request.url.path)
    sentry_sdk.capture_exception(error)
    return respond(request, Problem(500, "internal", "Something broke on our side. We have been told."))


_SLUGS = {413: "too-large"}
_CANCELLED = "57014"  # a statement that took too long


def install(app: FastAPI) -> None:
    """Answer every exception of ``app`` with problem details."""

    async def on_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return respond(request, error)

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return respond(request, _from_validation(error))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        slug = _SLUGS.get(error.status_code) or HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        problem = Problem(error.status_code, slug, str(error.detail), headers=error.headers)
        if error.status_code == 405 and (methods := allowed(request)):
            problem.headers["Allow"] = methods
        return respond(request, problem)

    async def on_database(request: Request, error: Exception) -> JSONResponse:
        log.warning("database_unavailable", error=str(error))
        problem = Problem(
            503,
            "temporarily-unavailable",
            "The service cannot reach its data. Try again.",
            headers={"Retry-After": "2"},
        )
        return respond(request, problem)

    async def on_dbapi(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, DBAPIError)
        cancelled = getattr(error.orig, "sqlstate", None) == _CANCELLED
        if error.connection_invalidated or cancelled or is_transient(error):
            return await on_database(request, error)
        raise error

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    for kind in UNAVAILABLE:
        app.add_exception_handler(kind, on_database)
    app.add_exception_handler(DBAPIError, on_dbapi)
