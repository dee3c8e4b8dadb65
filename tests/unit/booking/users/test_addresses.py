"""Booking matches people and owners of spaces by the common form of their addresses."""

from __future__ import annotations

import uuid

from mesto.booking.projections.service import space_of
from mesto.booking.users.service import user_of
from mesto.contracts.events import UserChanged
from support.servers.booking import space_event


def test_an_owner_declared_in_punycode_is_the_person_who_writes_the_domain_in_its_letters() -> None:
    declared = space_of(space_event(owner_email="Vera@xn--e1afmkfd.xn--p1ai")).owner_email
    person = UserChanged(
        user_id=uuid.uuid4(), revision=1, email="vera@Пример.рф", email_verified=True, name="V", locale="ru", roles=[]
    )
    assert user_of(person).email == declared == "vera@xn--e1afmkfd.xn--p1ai"


def test_a_space_without_an_owner_or_with_no_address_for_one_is_nobodys() -> None:
    assert [space_of(space_event(owner_email=email)).owner_email for email in (None, "", "a@b@c")] == [None] * 3
