"""What a mail is on the wire."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.notifications.messages.service import MailRejected, sendable
from support.servers.notifications import mail_to


def _subject_on_the_wire(title: str) -> bytes:
    return bytes(mail_to(space_title={"ru": title, "en": None})).split(b"\nFrom:")[0]


@pytest.mark.parametrize(
    "title",
    [
        "Лофт на Мясницкой улице в двух шагах от метро Чистые пруды",
        "Лофт на Мясницкой улице Place Loft the big",
        "Ы " * 60,
        "🪴 Сад 🪴 " * 12,
        "Loft",
    ],
)
def test_a_subject_keeps_its_blanks(title: str) -> None:
    wire = _subject_on_the_wire(title)
    name, _, raw = wire.partition(b": ")
    expected = f"Бронирование подтверждено: {' '.join(title.split())}".strip()
    assert name == b"Subject"
    assert max(map(len, wire.splitlines())) <= 76
    assert str(make_header(decode_header(raw.decode("ascii")))) == expected
    assert message_from_bytes(wire + b"\n\n", policy=policy.default)["Subject"] == expected


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_a_subject_reads_as_it_was_written(title: str) -> None:
    (read,) = [str(make_header(decode_header(_subject_on_the_wire(title).partition(b": ")[2].decode("ascii"))))]
    printable = "".join(sign if sign.isprintable() else " " for sign in title)
    assert read == " ".join(f"Бронирование подтверждено: {printable}".split())


@pytest.mark.parametrize("address", ["vera@-ж-.рф", "vera@" + "ж" * 64 + ".рф"])
def test_a_domain_that_cannot_be_written_is_rejected(address: str) -> None:
    with pytest.raises(MailRejected):
        sendable(address)
