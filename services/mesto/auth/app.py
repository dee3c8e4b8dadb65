"""The API process of auth: ``python -m mesto.auth.app``."""

from __future__ import annotations

from fastapi import FastAPI
from mesto.auth import bootstrap
from mesto.auth.accounts import internal_api as accounts_internal
from mesto.auth.consents import api as consents
from mesto.auth.email_change import api as email_change
from mesto.auth.keys import api as keys
from mesto.auth.profile import api as profile
from mesto.auth.recovery import api as recovery
from mesto.auth.registration import api as registration
from mesto.auth.roles import api as roles
from mesto.auth.roles import events as roles_events
from mesto.auth.sessions import api as sessions
from mesto.auth.settings import AuthSettings
from mesto.auth.tables import OUTBOX
from mesto.auth.texts import api as texts
from mesto.auth.texts import internal_api as texts_internal
from mesto.auth.verification import api as verification
from mesto.auth.withdrawals import internal_api as withdrawals
from mesto.common.identity.tokens import UserVerifier
from mesto.common.messaging.broker import Broker
from mesto.common.messaging.outbox import Relay
from mesto.common.observability import telemetry
from mesto.common.observability.metrics import Measures, outbox_reader
from mesto.common.platform_config.internal_api import configuration_router
from mesto.common.server import Service, create_app
from mesto.contracts.policy import AuthPolicy


def openapi_apps() -> dict[str, FastAPI]:
    """Return the two applications without anything behind them: enough for their OpenAPI."""
    public = [registration.router, verification.router, sessions.router, profile.router, roles.router, keys.router]
    public += [texts.router, consents.router, recovery.router, email_change.router]
    return {
        "public": create_app("auth", public, title="Mesto auth", public=True),
        "internal": create_app(
            "auth",
            [accounts_internal.router, withdrawals.router, configuration_router(AuthPolicy), texts_internal.router],
            title="Mesto auth, internal",
            public=False,
            body_bytes=texts_internal.BODY_BYTES,
        ),
    }


def build(settings: AuthSettings) -> Service:
    """Return the whole process, not yet running."""
    auth = bootstrap.build(settings)
    database = auth.database
    broker = Broker(settings.broker_url.get_secret_value(), "auth", database, roles_events.handlers(auth.roles))
    relay = Relay(database, OUTBOX, broker, "auth")
    measures = Measures(database, "auth", [outbox_reader(OUTBOX, "auth")])
    apps = openapi_apps()
    apps["public"].state.secure_cookies = settings.secure_cookies
    apps["public"].state.user_verifier = UserVerifier(auth.keys.jwks, auth.withdrawals.tokens)
    for app in apps.values():
        app.state.auth = auth

    # Services fetch the keys here: public keys need no token.
    @apps["internal"].get("/.well-known/jwks.json", include_in_schema=False)
    async def jwks() -> dict[str, object]:
        return await auth.keys.jwks()

    async def release_waiting() -> None:
        auth.withdrawals.stop_waiting()

    async def close_passwords() -> None:
        auth.passwords.close()

    return Service(
        settings,
        apps["public"],
        apps["internal"],
        loops=[broker.start, relay.run, measures.run, auth.withdrawals.run],
        configuration=auth.configuration,
        checks={"database": database.ping, "broker": broker.ping},
        farewells=[release_waiting],
        closers=[broker.stop, database.close, close_passwords],
    )


def main() -> None:
    """Run until SIGTERM."""
    settings = AuthSettings.load("auth")
    telemetry.configure(settings, "auth")
    build(settings).run()


if __name__ == "__main__":
    main()
