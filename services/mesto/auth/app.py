"""Wiring of the auth process: ``python -m mesto.auth.app``."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from mesto.auth.api import internal, public
from mesto.auth.keys import SigningKeys
from mesto.auth.passwords import Passwords
from mesto.auth.service import Accounts
from mesto.auth.settings import AuthSettings
from mesto.auth.tables import CONFIGURATION, OUTBOX
from mesto.common import telemetry
from mesto.common.broker import Broker
from mesto.common.configuration import Configuration
from mesto.common.configuration_api import configuration_router
from mesto.common.db import Database
from mesto.common.metrics import Measures, outbox_reader
from mesto.common.outbox import Relay
from mesto.common.serve import Service, create_app
from mesto.common.tokens import UserVerifier
from mesto.contracts.policy import AuthPolicy


def openapi_apps() -> dict[str, FastAPI]:
    """The two applications without anything behind them: enough for their OpenAPI."""
    return {
        "public": create_app("auth", [public.router], title="Mesto auth", public=True),
        "internal": create_app(
            "auth",
            [internal.router, configuration_router(AuthPolicy)],
            title="Mesto auth, internal",
            public=False,
        ),
    }


def build(settings: AuthSettings) -> Service:
    """The whole process, not yet running."""
    database = Database(settings.database_url.get_secret_value(), "auth", settings.pool_size)
    keys, passwords = SigningKeys(settings.auth_key_dir), Passwords()
    configuration = Configuration(database, CONFIGURATION, "auth", AuthPolicy, settings.platform_config)
    accounts = Accounts(database, keys, passwords, configuration)
    broker = Broker(settings.broker_url.get_secret_value(), "auth", database)
    relay = Relay(database, OUTBOX, broker, "auth")
    measures = Measures(database, "auth", [outbox_reader(OUTBOX, "auth")])
    apps = openapi_apps()
    apps["public"].state.secure_cookies = settings.secure_cookies
    apps["public"].state.user_verifier = UserVerifier(keys.jwks)
    for app in apps.values():
        app.state.accounts = accounts

    # Services fetch the keys here: public keys need no token.
    @apps["internal"].get("/.well-known/jwks.json", include_in_schema=False)
    async def jwks() -> dict[str, Any]:
        return await keys.jwks()

    async def close_passwords() -> None:
        passwords.close()

    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, relay.run, measures.run, accounts.verification.run],
        configuration=configuration,
        checks={"database": database.ping, "broker": broker.ping},
        closers=[broker.stop, database.close, close_passwords],
    )


def main() -> None:
    """Run until SIGTERM."""
    settings = AuthSettings.load("auth")
    telemetry.configure(settings, "auth")
    build(settings).run()


if __name__ == "__main__":
    main()
