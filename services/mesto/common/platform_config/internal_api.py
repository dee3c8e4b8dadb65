"""The operator's part of every service's internal API: the service's section of the platform's policy."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.base import Contract
from mesto.contracts.policy import ConfigurationState, Delivery

Operator = Annotated[str, Depends(callers("operator"))]


def configuration_router(model: type[Contract]) -> APIRouter:
    """Return routes for a section of this model; ``app.state.configuration`` is the service's Configuration."""
    router = Router(tags=["configuration"])

    async def put_configuration(body: Any, caller: Operator, request: Request) -> ConfigurationState:
        """Commit the service's section of the platform's policy; what is left out is built in."""
        return await _of(request).store_section(body)

    # What a body may be differs by service.
    put_configuration.__annotations__["body"] = Delivery[model]  # type: ignore[valid-type]

    async def get_configuration(caller: Operator, request: Request) -> ConfigurationState:
        """Which generation is committed."""
        return await _of(request).state()

    router.put("/configuration", responses=problems(409))(put_configuration)
    router.get("/configuration")(get_configuration)
    return router


def _of(request: Request) -> Configuration[Contract]:
    found: Configuration[Contract] = request.app.state.configuration
    return found
