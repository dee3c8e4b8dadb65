"""The mail to somebody who is named as an owner and has no account."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from mesto.contracts.text import Text
from mesto.notifications.messages.records import Draft
from mesto.notifications.messages.rules.owner_invitation import KIND
from mesto.notifications.messages.schemas import InvitationContent
from mesto.notifications.messages.service import Messages
from support.servers.notifications import part

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (Text(ru="Лофт <на Мясницкой>", en="Loft"), "Лофт <на Мясницкой> · Loft"),
        (Text(ru="Loft", en="Loft"), "Space: Loft\n"),
        (Text(en="Loft"), "Space: Loft\n"),
    ],
)
def test_it_speaks_both_languages_and_names_the_space(title: Text, shown: str) -> None:
    content = InvitationContent(title=title, to="guest@example.org")
    draft = Draft(uuid.uuid4(), KIND, "guest@example.org", "", "ru", content.model_dump_json(), NOW)
    mail = Messages("https://mesto.test/").render(draft, "noreply@example.org")
    assert (mail["To"], mail["Content-Language"]) == ("guest@example.org", "ru, en")
    plain, html = part(mail, "plain"), part(mail, "html")
    assert shown in plain
    assert "<на" not in html
    for text in (plain, html):
        assert "https://mesto.test/register" in text
        assert "зарегистрируйтесь с этим адресом" in text
        assert "register with this e-mail address" in text
    assert not Messages("https://mesto.test/").has_expired(draft, NOW.replace(year=2030))
