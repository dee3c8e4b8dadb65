"""What lint says of the files of a room: what rules may import, where SQL stands, what a store returns and who uses it.

Import-linter sees packages only as they are named in the graph; here an import counts wherever it stands: inside a
function, under ``TYPE_CHECKING``, by another name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

SERVICES = "services/mesto/"
NO_SERVICES = ("common", "contracts")
PYTHON_PARTS = ("services/", "operator/", "spiders/")
SHAPELESS = ("utils", "helpers", "misc", "common")
"""Names of files that say nothing of what is in them."""

RULES_MAY_IMPORT = frozenset(
    {
        # The standard library's parts that reckon: they open no file, no socket and no process.
        *(
            "__future__",
            "bisect",
            "calendar",
            "collections",
            "collections.abc",
            "contextlib",
            "dataclasses",
            "datetime",
        ),
        *("decimal", "enum", "fractions", "functools", "hashlib", "heapq", "ipaddress", "itertools", "json", "math"),
        *("operator", "re", "statistics", "string", "textwrap", "typing", "unicodedata", "urllib.parse", "uuid"),
        *("base64", "hmac", "zoneinfo"),
        # Reads nothing but its own data: months, weekdays, plurals and numbers of a language.
        *("babel", "babel.dates", "babel.numbers", "babel.plural"),
        # Reckons how easily a password is guessed.
        "zxcvbn_rs_py",
        # Knows browsers and systems by their User-Agent.
        "ua_parser",
    }
)
"""All that rules may import besides contracts, other rules and records."""
RULES_ALSO_IMPORT = {
    # The lists of words that lie beside it, read once.
    f"{SERVICES}auth/passwords/rules.py": frozenset({"pathlib"}),
}
INPUT_OUTPUT = frozenset({"open", "input", "print", "exec", "eval", "__import__"})
"""Built-in functions with which rules would do without an import what they may not."""

TYPES_OF_CONNECTIONS = frozenset({"AsyncConnection", "AsyncEngine"})
SENDING = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "stream", "stream_scalars"})
"""Methods of a connection that send SQL."""
DRIVERS = frozenset({"sqlalchemy", "asyncpg", "psycopg", "psycopg2", "sqlite3"})
SQL_ALSO_IN = frozenset({"tables.py", "schema.py", "bootstrap.py", "migrations"})
"""Files and folders besides stores that say what is in the database."""

ROWS = frozenset({"Row", "RowMapping", "Result", "CursorResult", "MappingResult", "ScalarResult", "AsyncResult", "Any"})
DICTIONARIES = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})

STORES_ALSO_FOR = {
    # The hold is sent as two statements that are made of those of three stores.
    f"{SERVICES}booking/holds/store.py": frozenset(
        {"mesto.booking.capacity.store", "mesto.booking.hold_budget.store", "mesto.booking.spaces.store"}
    ),
}
ABOVE_SERVICES = frozenset({"api.py", "internal_api.py", "events.py", "tasks.py", "permissions.py"})
"""Files of a room that reach its store through its service only."""


class Import(NamedTuple):
    """An import of ``name`` (None: the module itself) from ``module``, in a line."""

    line: int
    module: str
    name: str | None

    @property
    def full(self) -> str:
        """The dotted name of what is imported."""
        return self.module if self.name is None else f"{self.module}.{self.name}"


def module_of(path: str) -> str:
    """Return the dotted name of a file below ``services/``, for example ``mesto.booking.holds.store``."""
    return ".".join(PurePosixPath(path).with_suffix("").parts[1:])


def imports(path: str, tree: ast.AST) -> Iterator[Import]:
    """Yield all imports of a file, at any depth; relative ones by the module that they mean."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module_of(path).split(".")[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(node.lineno, module, alias.name) for alias in node.names)


def _is(kind: str, path: PurePosixPath) -> bool:
    """Return whether a file is a room's ``<kind>.py`` or lies in its package of that name."""
    return path.name == f"{kind}.py" or kind in path.parts[4:-1]


def impure_rules(path: str, tree: ast.AST) -> Iterator[str]:
    """Yield a sentence for each thing in a room's rules that is more than reckoning."""
    if not path.startswith(SERVICES) or not _is("rules", PurePosixPath(path)):
        return
    allowed = RULES_MAY_IMPORT | RULES_ALSO_IMPORT.get(path, frozenset())
    for found in imports(path, tree):
        parts = found.full.split(".")
        ours = parts[:2] == ["mesto", "contracts"] or (parts[0] == "mesto" and parts[3:4] in (["rules"], ["records"]))
        if not ours and found.module not in allowed:
            yield f"{path}:{found.line} imports {found.full}: rules are pure, see RULES_MAY_IMPORT in deploy/rooms.py"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in INPUT_OUTPUT:
            yield f"{path}:{node.lineno} calls {node.func.id}: rules are pure"


def loose_sql(path: str, tree: ast.AST) -> Iterator[str]:
    """Yield a sentence for each place in a service, besides its stores and tables, that makes or sends SQL."""
    file = PurePosixPath(path)
    if not path.startswith(SERVICES) or file.parts[2] in NO_SERVICES or _is("store", file):
        return
    if SQL_ALSO_IN.intersection(file.parts):
        return
    for found in imports(path, tree):
        typing = found.module.startswith("sqlalchemy.ext.asyncio") and found.name in TYPES_OF_CONNECTIONS
        if found.module.split(".")[0] in DRIVERS and not typing and found.module != "sqlalchemy.exc":
            yield f"{path}:{found.line} imports {found.full}: SQL stands in stores, tables in tables.py"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SENDING:
            yield f"{path}:{node.lineno} calls {node.func.attr}: SQL is sent by stores"


def _last_name(node: ast.expr) -> str:
    """Return a name, or the last part of a dotted one; nothing for other expressions."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _bound(tree: ast.AST) -> set[str]:
    """Return the last parts of the names that a file's imports are used by."""
    aliases = [
        alias for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    return {alias.asname or alias.name.rpartition(".")[2] for alias in aliases}


class _Names:
    """What the names of a file stand for: imports by another name, and types that it names itself."""

    def __init__(self, tree: ast.Module) -> None:
        self.imported: dict[str, str] = {}
        self.assigned: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                self.imported |= {alias.asname or alias.name: alias.name for alias in node.names}
        for node in tree.body:
            if isinstance(node, ast.Assign):
                self.assigned |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                self.assigned[node.target.id] = node.value

    def called(self, node: ast.expr) -> str:
        """Return what a name or the last part of a dotted one is called where it is from."""
        name = _last_name(node)
        return self.imported.get(name, name) if isinstance(node, ast.Name) else name


def _untyped(annotation: ast.expr, names: _Names, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a type is or has a row, a dictionary of anything, or ``Any``."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _untyped(ast.parse(annotation.value, mode="eval").body, names, seen)
    if names.called(annotation) in ROWS:
        return True
    if isinstance(annotation, ast.Name) and annotation.id in names.assigned and annotation.id not in seen:
        return _untyped(names.assigned[annotation.id], names, seen | {annotation.id})
    if isinstance(annotation, ast.Subscript) and names.called(annotation.value) in DICTIONARIES:
        value = annotation.slice.elts[-1] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
        if names.called(value) == "object":
            return True
    return any(_untyped(part, names, seen) for part in ast.iter_child_nodes(annotation) if isinstance(part, ast.expr))


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield a module's functions and its classes' methods that others may call."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def leaving_rows(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield a sentence for each public function of a store that returns rows instead of records."""
    if path.startswith(SERVICES) and _is("store", PurePosixPath(path)):
        names = _Names(tree)
        for function in _public(tree.body):
            if function.returns is not None and _untyped(function.returns, names):
                shown = ast.unparse(function.returns)
                yield f"{path}:{function.lineno} {function.name} returns {shown}: what leaves a store is a record"


def strangers_stores(path: str, tree: ast.AST) -> Iterator[str]:
    """Yield a sentence for each use of a store by others than its room's service, and under another's name."""
    file = PurePosixPath(path)
    if not path.startswith(SERVICES) or file.parts[2] in NO_SERVICES:
        return
    service, room = ".".join(file.parts[1:3]), ".".join(file.parts[1:4])
    for found in imports(path, tree):
        parts = found.full.split(".")
        if "store" not in parts:
            continue
        store = ".".join(parts[: parts.index("store") + 1])
        audit = path == f"{SERVICES}{file.parts[2]}/consistency.py" and store.startswith(f"{service}.")
        if len(store.split(".")) != 4:
            yield f"{path}:{found.line} imports {found.full}: a store is imported from its room's package"
        elif file.name in ABOVE_SERVICES:
            yield f"{path}:{found.line} imports {found.full}: what comes in goes through the service"
        elif not audit and store != f"{room}.store" and store not in STORES_ALSO_FOR.get(path, frozenset()):
            yield f"{path}:{found.line} imports {found.full}: a store is its own room's"
    known = _bound(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "store" and _last_name(node.value) in known:
            yield f"{path}:{node.lineno} uses {ast.unparse(node)}: a store is its own room's"


def other_names_of_any(path: str, tree: ast.AST) -> Iterator[str]:
    """Yield a sentence for each other name of ``Any``, under which nobody counts it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            renamed = any(alias.name == "Any" and alias.asname for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            renamed = node.value is not None and _last_name(node.value) == "Any"
        else:
            continue
        if renamed:
            yield f"{path}:{node.lineno} gives Any another name"


def shapeless_name(path: str) -> Iterator[str]:
    """Yield a sentence for a file or a folder of our Python whose name does not say what is in it."""
    file = PurePosixPath(path)
    if {file.stem, *file.parts[3:-1]}.intersection(SHAPELESS):
        yield f"{path}: a name like {', '.join(SHAPELESS)} says nothing of what is in it"


def full_package(path: str, source: str) -> Iterator[str]:
    """Yield a sentence for a package of a service that has code of its own, where nobody looks for it."""
    if path.startswith(SERVICES) and path.endswith("/__init__.py") and source.strip():
        yield f"{path} has code: __init__.py of services are empty"


def faults(path: str, source: str) -> Iterator[str]:
    """Yield a sentence for each fault of one Python file of ``PYTHON_PARTS``."""
    tree = ast.parse(source)
    yield from shapeless_name(path)
    yield from full_package(path, source)
    yield from impure_rules(path, tree)
    yield from loose_sql(path, tree)
    yield from leaving_rows(path, tree)
    yield from strangers_stores(path, tree)
    yield from other_names_of_any(path, tree)
