"""`make up` into a cluster of one's own.

MESTO_CLUSTER=current installs the chart where kubectl points, kind makes a cluster first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence

from . import builds
from .paths import DEPLOY, REPO, PlatformError
from .progress import run, say, step

CHART = REPO / "helm" / "mesto"
NAMESPACE = "mesto"
RELEASE = "mesto"


def cluster_choice() -> str:
    """`embedded`, `current` or `kind`. Raises PlatformError for anything else."""
    choice = os.environ.get("MESTO_CLUSTER") or "embedded"
    if choice not in ("embedded", "current", "kind"):
        raise PlatformError(f"MESTO_CLUSTER={choice} is not known: use embedded (the default), current or kind.")
    return choice


def _kubectl(*arguments: str) -> str:
    return run([shutil.which("kubectl") or str(builds.kubernetes() / "kubectl"), *arguments], timeout=120)


def _helm(*arguments: str) -> str:
    return run([str(builds.go_tool("helm")), *arguments, "--namespace", NAMESPACE], timeout=900)


def values() -> list[str]:
    """What helm is told: the trial's values, the images, and a file of one's own (MESTO_VALUES)."""
    words = ["-f", str(CHART / "values-trial.yaml")]
    if prefix := os.environ.get("MESTO_IMAGE_PREFIX"):  # as `make images` names them
        words += ["--set-string", f"image.prefix={prefix.rstrip('/')}/mesto"]
    if tag := os.environ.get("MESTO_IMAGE_TAG"):
        words += ["--set-string", f"image.tag={tag}"]
    return words + (["-f", os.environ["MESTO_VALUES"]] if os.environ.get("MESTO_VALUES") else [])


def up(choice: str) -> None:
    """Installs or upgrades the chart; waits until all is ready unless MESTO_WAIT=no."""
    if choice == "kind":
        code = subprocess.run([str(DEPLOY / "kind.sh")], cwd=REPO, check=False).returncode
        if code != 0:
            raise PlatformError("deploy/kind.sh did not finish; what it said is above.")
        return
    context = _kubectl("config", "current-context").strip()
    waits = os.environ.get("MESTO_WAIT", "yes") != "no"
    say(f"Mesto: installing the chart in {context}, namespace {NAMESPACE}")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
    with step("namespace"):
        _apply(json.dumps(manifest))
    with step("chart", "3 minutes" if waits else "10 s"):
        waiting = ["--wait", "--timeout", "10m"] if waits else []
        _helm("upgrade", "--install", RELEASE, str(CHART), *values(), *waiting)
    print(
        f"\nMesto is installed in {context}{'' if waits else ' (not waited for)'}. To open it at http://127.0.0.1:8080:"
    )
    print(f"  kubectl -n {NAMESPACE} port-forward svc/{RELEASE}-gateway 8080:80")
    print(
        "Spaces:  kubectl apply -f examples/spaces/   The cluster must be able to pull the images: docs/operations.md"
    )


def _apply(manifest: str) -> None:
    program = shutil.which("kubectl") or str(builds.kubernetes() / "kubectl")
    command = [program, "apply", "--server-side", "-f", "-"]
    done = subprocess.run(command, input=manifest, text=True, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise PlatformError(f"kubectl apply: {done.stderr.strip()}")


def down() -> None:
    """Uninstalls the release. Volumes, Secrets, CRDs and custom resources stay, so `make up` goes on where it was."""
    with step("uninstalling the chart"):
        _helm("uninstall", RELEASE, "--ignore-not-found")
    say("Volumes, Secrets, CRDs and spaces are still there; docs/operations.md says how to remove them.")


def status() -> bool:
    """Prints the pods; True when there are some and all are ready or done."""
    found = json.loads(_kubectl("get", "pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=mesto", "-o", "json"))
    good = True
    print(f"{'POD':<50}{'STATE':<12}READY")
    for pod in found["items"]:
        conditions = {condition["type"]: condition["status"] for condition in pod["status"].get("conditions", [])}
        phase = pod["status"].get("phase", "Unknown")
        ready = phase == "Succeeded" or conditions.get("Ready") == "True"
        good = good and ready
        print(f"{pod['metadata']['name']:<50}{phase:<12}{'yes' if ready else 'no'}")
    if not found["items"]:
        say(f"There is no pod of Mesto in the namespace {NAMESPACE}.")
    return good and bool(found["items"])


def logs(names: Sequence[str]) -> None:
    """The end of the logs of these components, of all without a name."""
    chosen = f",app.kubernetes.io/component in ({','.join(names)})" if names else ""
    selector = f"app.kubernetes.io/name=mesto{chosen}"
    print(_kubectl("logs", "-n", NAMESPACE, "-l", selector, "--tail=40", "--prefix", "--max-log-requests=40"))


def clean() -> None:
    """Nothing: what would have to go is other people's cluster."""
    raise PlatformError("`make clean` deletes nothing in a cluster: docs/operations.md, Uninstalling.")
