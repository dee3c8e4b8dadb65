"""Whatever a page may be told has a sentence in its language: the slugs of all problems against the locale files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]
# Which argument of these is the slug.
RAISED = {"Problem": 1, "RuleViolation": 0, "ClaimRefused": 0}
# Answered to the operator, the spiders and the command line by internal APIs, followed by every client, or answered to
# requests that no page sends.
NEVER_SHOWN = {
    "account-differs",
    "adopt-needed",
    "adopt-unknown",
    "changed-meanwhile",
    "city-not-allowed",
    "http-version",
    "invalid-dataset",
    "job-exists",
    "moved",
    "no-such-range",
    "not-implemented",
    "offers-missing",
    "run-conflict",
    "run-ended",
    "slug-conflict",
    "stale-generation",
    "stale-run",
    "target-gone",
    "too-many-proposals",
    "unknown-city",
}


def constants(tree: ast.Module) -> dict[str, str]:
    """Texts that a module has names for."""
    found: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        [target], value = node.targets, node.value
        several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        for name, text in zip(target.elts, value.elts, strict=True) if several else [(target, value)]:  # type: ignore[attr-defined]
            if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
                found[name.id] = text.value
    return found


def raised(path: Path) -> Iterator[str]:
    """The slugs of the problems that a module makes; one that is another's (`error.code`) is found with the other."""
    tree = ast.parse(path.read_text())
    known = constants(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED):
            continue
        slug = node.args[RAISED[node.func.id]]
        if isinstance(slug, ast.Constant):
            yield slug.value
        elif isinstance(slug, ast.Name) and slug.id in known:
            yield known[slug.id]
        elif isinstance(slug, ast.Attribute) and (elsewhere := slug.attr.isupper()):
            assert not elsewhere, f"{path}:{slug.lineno}: name the slug in the module that answers it"


@pytest.fixture(scope="module")
def answered() -> set[str]:
    """Slugs of the services, and of the gateway before them."""
    services = {slug for path in (REPO / "services/mesto").rglob("*.py") for slug in raised(path)}
    gateway = (REPO / "deploy/mestolocal/nginx.conf.template").read_text()
    [slugs] = re.findall(r"map \$status \$mesto_slug \{([^}]+)\}", gateway)
    return services | set(re.findall(r"\d+ ([a-z-]+);", slugs))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_each_problem_that_a_page_may_be_told_has_a_sentence(language: str, answered: set[str]) -> None:
    text = (REPO / f"frontend/src/ui/locales/{language}.ts").read_text()
    [known] = re.findall(r"\n    known: \{\n(.*?)\n    \},", text, re.DOTALL)
    sentences = set(re.findall(r"^      '([a-z-]+)':", known, re.MULTILINE))
    assert {"no-capacity", "email-taken", "too-many-requests", "would-affect-bookings"} <= answered
    assert sentences == answered - NEVER_SHOWN
    assert answered >= NEVER_SHOWN
