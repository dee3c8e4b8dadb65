"""The public API of the keys that access tokens are signed with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from mesto.auth.keys.schemas import KeySet
from mesto.auth.keys.service import SigningKeys
from mesto.common.http.api import Router

router = Router()


async def _keys(request: Request) -> SigningKeys:
    keys: SigningKeys = request.app.state.auth.keys
    return keys


@router.get("/.well-known/jwks.json")
async def jwks(keys: Annotated[SigningKeys, Depends(_keys)], response: Response) -> KeySet:
    """The public keys that access tokens are signed with."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySet.model_validate(await keys.jwks())
