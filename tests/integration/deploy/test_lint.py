"""The checks of `make lint` that guard migrations and secrets bite."""

from __future__ import annotations

import secrets
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest
from mestolocal import builds
from mestolocal.paths import REPO

_HEAD = (
    'import sqlalchemy as sa\nfrom alembic import op\nrevision = "{}"\ndown_revision = {}\n\n\ndef upgrade() -> None:\n'
)


def lint_of(folder: Path, *bodies: str) -> subprocess.CompletedProcess[str]:
    """The lint of a service's migrations with these bodies, one revision each."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    shutil.copy(REPO / "services/mesto/auth/migrations/env.py", versions.parent)
    before = "None"
    for number, body in enumerate(bodies, 1):
        revision = f"{number:04}"
        (versions / f"{revision}_x.py").write_text(_HEAD.format(revision, before) + f"    {body}\n")
        before = f'"{revision}"'
    command = [sys.executable, "deploy/migrations.py", "--folder", str(versions.parent)]
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)


TABLE = 'op.create_table("places", sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True), schema="auth")'


@pytest.mark.parametrize(
    ("dangerous", "rule"),
    [
        ('op.create_index("ix_places", "places", ["id"], schema="auth")', "require-concurrent-index-creation"),
        ('op.add_column("places", sa.Column("kind", sa.Text(), nullable=False), schema="auth")', "required-field"),
        ('op.drop_column("places", "id", schema="auth")', "ban-drop-column"),
        ('op.alter_column("places", "id", type_=sa.Text(), schema="auth")', "changing-column-type"),
        ('op.create_check_constraint("positive", "places", "id > 0", schema="auth")', "constraint-missing-not-valid"),
    ],
)
def test_a_migration_that_would_stop_the_platform_is_found(tmp_path: Path, dangerous: str, rule: str) -> None:
    done = lint_of(tmp_path, TABLE, dangerous)
    assert done.returncode == 1, done.stdout + done.stderr
    assert rule in done.stdout


def test_a_harmless_migration_passes(tmp_path: Path) -> None:
    nullable = 'op.add_column("places", sa.Column("kind", sa.Text(), nullable=True), schema="auth")'
    done = lint_of(tmp_path, TABLE, nullable)
    assert done.returncode == 0, done.stdout + done.stderr


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.timeout(600)  # the first build of gitleaks takes a minute
def test_a_secret_is_found_even_after_it_was_deleted(tmp_path: Path) -> None:
    # Made here, so that no secret stands in this file.
    letters = string.ascii_letters + string.digits
    token = "gh" + "p_" + "".join(secrets.choice(letters) for _ in range(36))
    _git(tmp_path, "init", "-q")
    shutil.copy(REPO / ".gitleaks.toml", tmp_path)
    (tmp_path / "config.py").write_text(f'TOKEN = "{token}"\n')
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "config.py").write_text('TOKEN = ""\n')
    _git(tmp_path, "commit", "-qam", "two")
    command = [str(builds.go_tool("gitleaks")), "git", "--no-banner", "--redact", "--verbose", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "github-pat" in done.stdout
    assert token not in done.stdout + done.stderr
