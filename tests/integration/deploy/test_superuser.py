"""The connection that tests look through."""

from __future__ import annotations

import psycopg
import pytest
from support.clients.superuser import Superuser
from support.servers.session_servers import DatabaseUrls

_PID = "SELECT pg_backend_pid()"


def test_it_is_kept_and_made_anew_when_the_server_has_ended_it(fresh_database_urls: DatabaseUrls) -> None:
    superuser, other = Superuser(fresh_database_urls.admin), Superuser(fresh_database_urls.admin)
    ((first,),) = superuser.sql(_PID)
    assert superuser.sql(_PID) == [(first,)]
    assert superuser.sql("CREATE TABLE seen (n int)") == []
    with pytest.raises(psycopg.errors.UndefinedColumn):
        superuser.sql("SELECT nothing FROM seen")
    superuser.sql("INSERT INTO seen VALUES (%s)", 1)
    assert other.sql("SELECT n FROM seen") == [(1,)]
    assert other.sql("SELECT pg_terminate_backend(%s, 5000)", first) == [(True,)]
    ((second,),) = superuser.sql(_PID)
    assert second != first
    superuser.close()
    other.close()
