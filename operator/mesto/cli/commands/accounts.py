"""`mesto accounts`: people's accounts and their roles."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from mesto.cli import output, security_log, service_client
from mesto.cli.console import exit_on_failure, say
from mesto.cli.options import TableForm

app = typer.Typer(no_args_is_help=True, help="Accounts and their roles.")
Role = Literal["renter", "owner", "moderator", "admin"]


@app.command("grant")
@exit_on_failure
def grant(
    email: Annotated[str, typer.Argument(help="The account's e-mail address.")],
    role: Annotated[Role, typer.Argument(help="The role to add.")],
) -> None:
    """Give an account a role."""
    service_client.call("auth", "POST", "/internal/accounts/grant", {"email": email, "role": role})
    say(f"{email} is now {role}.")


@app.command("log")
@exit_on_failure
def read_log(
    email: Annotated[str | None, typer.Argument(help="Whose; everybody's without an e-mail.")] = None,
    since: Annotated[str | None, typer.Option(help="Since when: 90m, 24h, 7d, or a date or time.")] = None,
    limit: Annotated[int, typer.Option(help="The latest so many.", min=1, max=1000)] = 100,
    form: TableForm = "table",
) -> None:
    """Print the security log: what happened to accounts, the latest last.

    Persons are hashes, which are lost with the account; ACTOR is who did it to somebody else.
    With an e-mail also what this person did to others is printed.
    """
    body: dict[str, object] = {"email": email, "limit": limit}
    if since is not None:
        body["since"] = security_log.since(since).isoformat()
    found = service_client.call("auth", "POST", "/internal/accounts/log", body)
    entries = list(reversed(found["items"]))
    if form == "table":
        for line in security_log.table(entries):
            typer.echo(line)
        if not entries:
            say("There are no entries.")
    else:
        output.data(entries, form)


@app.command("create")
@exit_on_failure
def create(
    email: Annotated[str, typer.Option(help="The address to sign in with.")],
    password: Annotated[str, typer.Option(help="At least 10 characters.", envvar="MESTO_PASSWORD")],
    name: Annotated[str, typer.Option(help="How the person is addressed.")],
    role: Annotated[Role, typer.Option(help="The account's role.")] = "renter",
    verified: Annotated[bool, typer.Option("--verified", help="Take the address as verified.")] = False,
    locale: Annotated[Literal["ru", "en"], typer.Option(help="The language of e-mails.")] = "ru",
    replace: Annotated[
        bool, typer.Option("--replace", help="Change an account with another password: all of it.")
    ] = False,
) -> None:
    """Create an account; one that is there with this password is given the role, and verified if asked for."""
    body = {"email": email, "password": password, "name": name, "role": role, "verified": verified, "locale": locale}
    service_client.call("auth", "POST", "/internal/accounts", body | {"replace": replace})
    say(f"{email} ({role}) is there.")
