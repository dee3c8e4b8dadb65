"""Commands as they are printed for people to copy."""

from __future__ import annotations

import shlex


def command(*words: str, namespace: str = "") -> str:
    """Return a `kubectl mesto` command that works as it stands; ``namespace`` empty: the kubeconfig's is meant."""
    return shlex.join(["kubectl", "mesto", *words, *(["-n", namespace] if namespace else [])])
