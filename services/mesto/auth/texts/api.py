"""The public API of texts. Open to everybody."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response
from mesto.auth.texts.schemas import TextList, TextPage
from mesto.auth.texts.service import Texts
from mesto.common.http.api import InLanguage, Router, problems
from mesto.contracts.platform_texts import TextName, Version
from pydantic import BaseModel

router = Router(tags=["texts"])


async def _texts(request: Request) -> Texts:
    texts: Texts = request.app.state.auth.texts
    return texts


Service = Annotated[Texts, Depends(_texts)]
KnownTag = Annotated[str, Header(alias="If-None-Match", max_length=1000)]
_CACHED = {name: {"schema": {"type": "string"}} for name in ("ETag", "Cache-Control", "Vary")}
_UNCHANGED: dict[int | str, dict[str, object]] = {
    200: {"headers": _CACHED},
    304: {"description": "It is still what If-None-Match names.", "headers": _CACHED},
}


def _cacheable(body: BaseModel, known_tag: str, cache: str) -> Response:
    content = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": "Accept-Language"}
    if tag in known_tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


@router.get("/texts", response_model=TextList, responses=_UNCHANGED)
async def list_texts(texts: Service, language: InLanguage, if_none_match: KnownTag = "") -> Response:
    """The texts that can be read here, titles in the language of Accept-Language, else in the other one."""
    # Asked again each time: whoever agrees to a text agrees to the version that this names.
    return _cacheable(await texts.summaries(language), if_none_match, "public, no-cache")


@router.get("/texts/{name}", response_model=TextPage, responses={**_UNCHANGED, **problems(404)})
async def get_text(
    name: TextName,
    texts: Service,
    language: InLanguage,
    version: Annotated[Version | None, Query(description="An older version, for example one agreed to.")] = None,
    if_none_match: KnownTag = "",
) -> Response:
    """A text as HTML that is safe to show, in the language of Accept-Language, else in the other one."""
    return _cacheable(await texts.page(name, version, language), if_none_match, "public, max-age=60")
