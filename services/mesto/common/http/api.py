"""The FastAPI application of every API: what its OpenAPI promises of errors and headers, and what it refuses unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from mesto.common import errors
from mesto.common.http.language import negotiate
from mesto.contracts.text import Language

_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
_TEXT = {"type": "string"}
_REQUEST_ID = {"description": "The id of this request in every log.", "required": True, "schema": _TEXT}
_HEADERS: dict[str, dict[str, object]] = {
    "401": {"WWW-Authenticate": {"description": "RFC 6750.", "required": True, "schema": _TEXT}},
    "429": {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}},
    "503": {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}},
}
_WORDS = {
    "400": "The body cannot be read as JSON.",
    "401": "Not signed in, or the token is not valid.",
    "403": "Signed in, without the right.",
    "404": "It does not exist, or is not yours to see.",
    "409": "It contradicts what is there; the problem's type says how.",
    "413": "The body is too large.",
    "422": "Fields are wrong, missing or unknown; the problem names them.",
    "424": "What it depends on does not answer; try again later.",
    "429": "Too many for now.",
    "500": "A bug, of which we have been told.",
    "503": "Something behind the service is away; try again.",
}


_EXACT = 2**53  # up to here every integer is a float of its own


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


class _Request(Request):
    """Reads 42.0 as 42: JSON has one kind of number, and its Schema calls both an integer. Our fields are strict."""

    _decoder = json.JSONDecoder(parse_float=_number)

    async def json(self) -> Any:
        """Return the decoded body. Raises JSONDecodeError, and UnicodeDecodeError, as Starlette's."""
        if not hasattr(self, "_json"):
            body = await self.body()
            self._json = self._decoder.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
        return self._json


class _Route(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def read(request: Request) -> Response:
            _check_query(request)
            return await handle(_Request(request.scope, request.receive))

        return read


Router = partial(APIRouter, route_class=_Route)
"""What every API makes its routes with."""


AcceptLanguage = Annotated[str, Header(max_length=1000)]


async def _negotiated(accept_language: AcceptLanguage = "") -> Language:
    return negotiate(accept_language)


InLanguage = Annotated[Language, Depends(_negotiated)]
"""The language of an answer, by Accept-Language."""


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return ``responses`` of a route that refuses with these statuses; what every route answers is added anyway."""
    return {status: {"model": errors.ProblemBody} for status in statuses}


class Api(FastAPI):
    """FastAPI whose OpenAPI names each status, and the headers that come with it, exactly."""

    def __init__(self, **options: Any) -> None:
        """``options`` are FastAPI's."""
        super().__init__(**options)
        self._query_parameters: dict[tuple[str, str], dict[str, bool] | None] = {}

    def query_parameters(self, request: Request) -> dict[str, bool] | None:
        """Return whether each query parameter of the request's operation may come several times.

        None if the operation is not shown. Its part of the OpenAPI alone is made, once: the whole document takes a
        process most of a second.
        """
        address, method = errors.template(request.scope), request.method
        if (address, method) not in self._query_parameters:
            routes = [route for route in errors.documented(request) if method in (route.methods or ())]
            operations = get_openapi(title="", version="", routes=routes)["paths"].get(address, {})
            self._query_parameters[address, method] = _query_parameters(operations[method.lower()]) if routes else None
        return self._query_parameters[address, method]

    def openapi(self) -> dict[str, Any]:
        """Return the document; made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for operations in document["paths"].values():
                for operation in operations.values():
                    _complete(operation)
                    schemas.update(_definitions(operation))
        assert self.openapi_schema is not None
        return self.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    statuses = {"422", "500", "503"}
    if security := operation.get("security"):
        statuses |= {"401"}
    if any("callerToken" in needed for needed in security or []):
        statuses |= {"403"}
    if "requestBody" in operation:
        statuses |= {"400", "413"}
    statuses |= {status for status in responses if status >= "400"}
    for status in sorted(statuses):
        described = responses.get(status, {}).get("description", HTTPStatus(int(status)).phrase)
        usual = described in (HTTPStatus(int(status)).phrase, "Validation Error")
        responses[status] = {
            "description": _WORDS.get(status, described) if usual else described,
            "content": {errors.MEDIA_TYPE: {"schema": _PROBLEM}},
        }
    for status, response in responses.items():
        response["headers"] = {
            "X-Request-Id": _REQUEST_ID,
            **_HEADERS.get(status, {}),
            **response.get("headers", {}),
        }


def _definitions(operation: dict[str, Any]) -> dict[str, Any]:
    """Return definitions inside a body that a route describes by hand; they belong to the document's components."""
    found: dict[str, Any] = {}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found |= content["schema"].pop("$defs", {})
    return found


def _listed(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "array" or any(_listed(part) for part in schema.get("anyOf", []))


def _query_parameters(operation: dict[str, Any]) -> dict[str, bool]:
    parameters = operation.get("parameters", [])
    return {part["name"]: _listed(part["schema"]) for part in parameters if part["in"] == "query"}


def _check_query(request: Request) -> None:
    """Refuse query parameters that the OpenAPI does not know or that come twice: ignored, they make a wrong answer."""
    if not request.scope["query_string"]:
        return
    known = request.app.query_parameters(request)
    if known is None:
        return
    names = [name for name, _ in request.query_params.multi_items()]
    takes = f"It takes {', '.join(known)}." if known else "It takes none."
    wrong = {name: f"{name[:100]} is not a parameter of this address. {takes}" for name in names if name not in known}
    wrong |= {
        name: f"{name} is given more than once."
        for name, listed in known.items()
        if names.count(name) > 1 and not listed
    }
    if wrong:
        raise RequestValidationError([{"loc": ("query", name[:100]), "msg": text} for name, text in wrong.items()])
