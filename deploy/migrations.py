"""Lint of migrations: the SQL of each revision of each service through squawk, as .squawk.toml says.

``python deploy/migrations.py`` takes all services; ``--folder DIR`` one other folder of Alembic migrations (tests do).
"""

from __future__ import annotations

import argparse
import io
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from mesto.common.database.migrate import SERVICES, alembic_config

REPO = Path(__file__).resolve().parent.parent


def revisions(config: Config) -> Iterator[tuple[str, str]]:
    """Each revision with its SQL, apart from each other: a table is in use when the next revision comes."""
    for script in ScriptDirectory.from_config(config).walk_revisions():
        before = script.down_revision
        assert before is None or isinstance(before, str), "migrations are one line, without branches"
        config.output_buffer = io.StringIO()
        command.upgrade(config, f"{before}:{script.revision}" if before else script.revision, sql=True)
        yield script.revision, config.output_buffer.getvalue()


def main() -> int:
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    folder = parser.parse_args().folder
    configs = {service: alembic_config(service, "") for service in SERVICES}
    if folder is not None:
        other = alembic_config(SERVICES[0], "")
        other.set_main_option("script_location", str(folder))
        configs = {folder.name: other}
    with tempfile.TemporaryDirectory(prefix="mesto-sql-") as scratch:
        for service, config in configs.items():
            for revision, sql in revisions(config):
                (Path(scratch) / f"{service}-{revision}.sql").write_text(sql)
        files = sorted(str(path) for path in Path(scratch).glob("*.sql"))
        assert len(files) >= len(configs), "a service without migrations"
        squawk = Path(sys.executable).parent / "squawk"
        return subprocess.run([squawk, "--config", REPO / ".squawk.toml", *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
