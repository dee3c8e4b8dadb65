"""What eslint says of the front end's code: each of our own guards bites."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from mestolocal import builds

ROOM = "src/features/search"
AS_UNKNOWN = "export const size = 'x' as unknown as number\n"
AS_NEVER = "export const size: number = 'x' as never\n"
GLOB = "export const pages = import.meta.glob('../*/pages/*.vue')\n"
MADE_UP = "export const load = (name: string) => import(`../${name}/pages/Page.vue`)\n"
NAMED = "export const load = (name: string) => import(name)\n"


@pytest.fixture(scope="session")
def frontend() -> tuple[Any, dict[str, str]]:
    folder = builds.frontend_dependencies()
    environment, _ = builds.node_environment()
    return folder, environment


def complaints(frontend: tuple[Any, dict[str, str]], path: str, source: str) -> list[str]:
    folder, environment = frontend
    ran = subprocess.run(
        [folder / "node_modules/.bin/eslint", "--stdin", "--stdin-filename", path, "--format", "json"],
        cwd=folder,
        env=environment,
        input=source,
        capture_output=True,
        text=True,
        timeout=120,
    )
    (file,) = json.loads(ran.stdout)
    return [message["ruleId"] for message in file["messages"]]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("probe.ts", AS_UNKNOWN + AS_NEVER + GLOB + MADE_UP + NAMED),
        ("Probe.vue", f'<script setup lang="ts">\n{AS_UNKNOWN}{AS_NEVER}{GLOB}{MADE_UP}{NAMED}</script>\n'),
    ],
)
def test_types_talked_over_and_imports_nobody_can_read_are_named(
    frontend: tuple[Any, dict[str, str]], name: str, source: str
) -> None:
    assert complaints(frontend, f"{ROOM}/{name}", source.replace("export ", "")).count("no-restricted-syntax") == 5


def test_templates_are_looked_through(frontend: tuple[Any, dict[str, str]]) -> None:
    source = '<script setup lang="ts"></script>\n<template>\n  <p>{{ 1 as unknown as string }}</p>\n</template>\n'
    assert "vue/no-restricted-syntax" in complaints(frontend, f"{ROOM}/Probe.vue", source)


def test_specs_may_and_imports_by_name_pass(frontend: tuple[Any, dict[str, str]]) -> None:
    assert complaints(frontend, f"{ROOM}/probe.spec.ts", AS_UNKNOWN + AS_NEVER) == []
    assert complaints(frontend, f"{ROOM}/probe.ts", "export const load = () => import('./routes')\n") == []
