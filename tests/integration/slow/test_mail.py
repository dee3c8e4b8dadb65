"""A mail server that is silent, broken or slow: mails wait, and each is sent once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.faults.network_faults import BROKEN, HARMLESS, FaultProxies, Proxy
from support.servers.booking import Signer
from support.servers.notifications import Post, moved, person, start_post
from support.waiting import eventually


@dataclass
class PostOffice:
    post: Post
    smtp: Proxy
    postgres: Proxy


@pytest.fixture(scope="module")
def office(
    servers: Any, rabbitmq: Any, key_folders: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostOffice]:
    """Consumers, Celery worker and beat of notifications, whose mails go through toxiproxy."""
    urls = servers.new_database()
    vhost = f"office-{uuid.uuid4().hex[:8]}"
    rabbitmq.add_vhost(vhost)
    signer, folder = Signer(), tmp_path_factory.mktemp("office")
    broker_url = rabbitmq.url(vhost)
    post = start_post(urls.admin, urls["notifications"], broker_url, signer, key_folders, folder)
    toxics = FaultProxies(folder)
    smtp = toxics.proxy("smtp", post.mailbox.controller.port)
    post.environment["MESTO_NOTIFICATIONS_SMTP_PORT"] = str(smtp.port)
    celery = ("celery", "-A", "mesto.notifications.worker:app", "--quiet")
    postgres = toxics.proxy("postgres", servers.postgres().port)
    api, own = post.environment, "MESTO_NOTIFICATIONS_DATABASE_URL"
    post.environment = api | {own: re.sub(r"@127.0.0.1:\d+", f"@127.0.0.1:{postgres.port}", api[own])}
    post.start("worker", *celery, "worker", "-P", "threads", "-c", "2", "-Q", "notifications", "--without-mingle")
    post.start("beat", *celery, "beat", "-s", str(folder / "beat"))
    post.environment = api
    post.start_app("app")
    yield PostOffice(post, smtp, postgres)
    post.stop()
    toxics.stop()
    signer.close()
    rabbitmq.drop_vhost(vhost)
    servers.postgres().drop_database(urls.name)


@pytest.mark.parametrize("kind", [*BROKEN, *HARMLESS])
def test_mails_wait_for_the_mail_server_and_are_sent_once(office: PostOffice, kind: str) -> None:
    post, people = office.post, [person("en") for _ in range(3)]
    known = "SELECT count(*) FROM notifications.users WHERE user_id = ANY(%s)"
    for user in people:
        post.publish(user)
    eventually(lambda: post.sql(known, [u.user_id for u in people])[0][0] == len(people), "the people are known")
    with office.smtp.fault(kind):
        events = [post.publish(moved("confirmed", user.user_id)) for user in people]
        ids = "SELECT attempts, last_error FROM notifications.deliveries WHERE event_id = ANY(%s) AND attempts > 0"
        tried = (lambda row: row[1]) if kind in BROKEN else (lambda row: row[0])
        eventually(lambda: any(tried(row) for row in post.sql(ids, events)), "the mail server was tried")
        if kind in BROKEN:
            assert not any(post.mailbox.to(user.email) for user in people)
    # Nobody waits for the growing pauses here.
    post.sql("UPDATE notifications.deliveries SET due_at = now() WHERE status = 'pending'")
    for user, event_id in zip(people, events, strict=True):
        post.wait_for_mail(user.email)
        eventually(lambda event_id=event_id: post.status(event_id) == "sent", "it is written down as sent")
    for user in people:
        assert len(post.mailbox.to(user.email)) == 1
    assert not [process for process in post.processes if process.poll() is not None]


def test_a_mail_that_was_taken_while_the_database_was_away_is_not_sent_again(office: PostOffice) -> None:
    post, user = office.post, person("en")
    post.publish(user)
    known = "SELECT 1 FROM notifications.users WHERE user_id = %s"
    eventually(lambda: post.sql(known, user.user_id), "the person is known")
    post.mailbox.held = True
    event_id = post.publish(moved("confirmed", user.user_id))
    eventually(lambda: post.status(event_id) == "sending", "the mail server has the mail and does not say so")
    with office.postgres.fault("refused"):
        post.mailbox.held = False
        post.wait_for_mail(user.email)
        assert post.status(event_id) == "sending"
    eventually(lambda: post.status(event_id) == "sent", "it is written down as sent")
    attempts = "SELECT attempts FROM notifications.deliveries WHERE event_id = %s"
    assert post.sql(attempts, event_id) == [(1,)]
    assert len(post.mailbox.to(user.email)) == 1
