"""One set of processes of notifications per worker, on a database and a virtual host of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from support.servers.booking import Signer
from support.servers.notifications import Post, start_post


@pytest.fixture(scope="session")
def post(servers: Any, rabbitmq: Any, key_folders: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """Consumers, Celery worker and beat, a mailbox."""
    urls = servers.new_database()
    vhost = f"post-{uuid.uuid4().hex[:8]}"
    rabbitmq.add_vhost(vhost)
    signer, folder = Signer(), tmp_path_factory.mktemp("notifications")
    post = start_post(urls.admin, urls["notifications"], rabbitmq.url(vhost), signer, key_folders, folder)
    celery = ("celery", "-A", "mesto.notifications.worker:app", "--quiet")
    post.start("worker", *celery, "worker", "-P", "threads", "-c", "2", "-Q", "notifications", "--without-mingle")
    post.start("beat", *celery, "beat", "-s", str(folder / "beat"))
    yield post
    post.stop()
    signer.close()
    rabbitmq.drop_vhost(vhost)
    servers.postgres().drop_database(urls.name)


@pytest.fixture(scope="session")
def first_replica(post: Post) -> str:
    """The address of the API process that every test shares."""
    return post.start_app("app")


@pytest.fixture(scope="session")
def second_replica(post: Post) -> str:
    """Another replica of it."""
    return post.start_app("app-2")
