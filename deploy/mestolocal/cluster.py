"""The embedded cluster: etcd, kube-apiserver and kube-controller-manager on loopback."""

from __future__ import annotations

import ssl
import subprocess
from base64 import b64encode
from pathlib import Path

import httpx
import yaml

from .certificates import Authority, signing_pair
from .paths import DEPLOY, REPO, PlatformError
from .secrets import write_private
from .server import Server, base_environment, port_open


class Cluster:
    """A real Kubernetes API without nodes: what `kubectl apply` of custom resources needs, nothing more."""

    def __init__(self, folder: Path, binaries: Path, ports: dict[str, int], *, throwaway: bool) -> None:
        self.folder, self.binaries, self.ports, self.throwaway = folder, binaries, ports, throwaway
        self.pki = folder / "pki"

    @property
    def server_url(self) -> str:
        return f"https://127.0.0.1:{self.ports['kube-apiserver']}"

    @property
    def kubeconfig(self) -> Path:
        """The cluster administrator's kubeconfig."""
        return self.folder / "admin.kubeconfig"

    def prepare(self) -> None:
        """Keys, certificates, kubeconfigs; all made once."""
        self.pki.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = Authority(self.pki, "cluster-ca")
        authority.issue("apiserver", "kube-apiserver")
        etcd = Authority(self.pki, "etcd-ca")
        etcd.issue("etcd", "etcd")
        etcd.issue("etcd-client", "kube-apiserver")
        signing_pair(self.pki, "service-accounts")
        self.write_kubeconfig(self.kubeconfig, "mesto-admin", "system:masters")
        self.write_kubeconfig(self.operator_kubeconfig, "mesto-operator")
        self.write_kubeconfig(self.folder / "controller-manager.kubeconfig", "system:kube-controller-manager")

    def write_kubeconfig(self, path: Path, user: str, group: str | None = None) -> Path:
        """A kubeconfig for `user` (and `group`), who is known by a client certificate."""
        authority = Authority(self.pki, "cluster-ca")
        certificate, key = authority.issue(f"client-{user.replace(':', '-')}", user, group)
        data = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "mesto",
                    "cluster": {
                        "server": self.server_url,
                        "certificate-authority-data": _b64(authority.certificate_path),
                    },
                }
            ],
            "users": [
                {"name": user, "user": {"client-certificate-data": _b64(certificate), "client-key-data": _b64(key)}}
            ],
            "contexts": [{"name": "mesto", "context": {"cluster": "mesto", "user": user, "namespace": "mesto"}}],
            "current-context": "mesto",
        }
        write_private(path, yaml.safe_dump(data, sort_keys=False).encode())
        return path

    def etcd(self) -> Server:
        client, peer = self.ports["etcd"], self.ports["etcd-peer"]
        flags = {
            "name": "mesto",
            "data-dir": str(self.folder / "etcd"),
            "listen-client-urls": f"https://127.0.0.1:{client}",
            "advertise-client-urls": f"https://127.0.0.1:{client}",
            "listen-peer-urls": f"http://127.0.0.1:{peer}",
            "initial-advertise-peer-urls": f"http://127.0.0.1:{peer}",
            "initial-cluster": f"mesto=http://127.0.0.1:{peer}",
            "cert-file": str(self.pki / "etcd.crt"),
            "key-file": str(self.pki / "etcd.key"),
            "trusted-ca-file": str(self.pki / "etcd-ca.crt"),
            "client-cert-auth": "true",
            "auto-compaction-mode": "periodic",
            "auto-compaction-retention": "1h",
            "log-level": "warn",
        }
        if self.throwaway:
            flags["unsafe-no-fsync"] = "true"
        return self._server("etcd", flags, self._etcd_ready)

    def apiserver(self) -> Server:
        pki = self.pki
        flags = {
            "bind-address": "127.0.0.1",
            "advertise-address": "127.0.0.1",
            "secure-port": str(self.ports["kube-apiserver"]),
            "endpoint-reconciler-type": "none",
            "etcd-servers": f"https://127.0.0.1:{self.ports['etcd']}",
            "etcd-cafile": str(pki / "etcd-ca.crt"),
            "etcd-certfile": str(pki / "etcd-client.crt"),
            "etcd-keyfile": str(pki / "etcd-client.key"),
            "tls-cert-file": str(pki / "apiserver.crt"),
            "tls-private-key-file": str(pki / "apiserver.key"),
            "client-ca-file": str(pki / "cluster-ca.crt"),
            "authorization-mode": "Node,RBAC",
            "anonymous-auth": "false",
            "service-account-issuer": self.server_url,
            "service-account-key-file": str(pki / "service-accounts.pub"),
            "service-account-signing-key-file": str(pki / "service-accounts.key"),
            "service-cluster-ip-range": "10.96.0.0/16",
            "profiling": "false",
        }
        return self._server("kube-apiserver", flags, self.ready)

    def controller_manager(self) -> Server:
        config = str(self.folder / "controller-manager.kubeconfig")
        flags = {
            "kubeconfig": config,
            "authentication-kubeconfig": config,
            "authorization-kubeconfig": config,
            "bind-address": "127.0.0.1",
            "secure-port": str(self.ports["kube-controller-manager"]),
            "service-account-private-key-file": str(self.pki / "service-accounts.key"),
            "root-ca-file": str(self.pki / "cluster-ca.crt"),
            "use-service-account-credentials": "true",
            "controllers": "namespace-controller,garbage-collector-controller,serviceaccount-controller,"
            "serviceaccount-token-controller,root-ca-certificate-publisher-controller,clusterrole-aggregation-controller",
            "leader-elect": "false",
            "profiling": "false",
            "cert-dir": str(self.folder / "controller-manager"),
        }
        return self._server("kube-controller-manager", flags, self._controller_manager_ready)

    def _server(self, name: str, flags: dict[str, str], ready: object) -> Server:
        assert callable(ready)
        words = [f"--{flag}={value}" for flag, value in flags.items()]
        environment = {**base_environment(), "HOME": str(self.folder)}
        if self.throwaway:
            environment["GOGC"] = "400"  # there is memory enough for a short life: a sixth less of the CPU
        return Server(name, (str(self.binaries / name), *words), ready, self.folder, environment)

    def _get(self, url: str, certificate: str, authority: str) -> int:
        context = ssl.create_default_context(cafile=self.pki / f"{authority}.crt")
        context.load_cert_chain(self.pki / f"{certificate}.crt", self.pki / f"{certificate}.key")
        try:
            return httpx.get(url, verify=context, timeout=5, trust_env=False).status_code
        except httpx.HTTPError:
            return 0

    def _etcd_ready(self) -> bool:
        return self._get(f"https://127.0.0.1:{self.ports['etcd']}/health", "etcd-client", "etcd-ca") == 200

    def ready(self) -> bool:
        return self._get(f"{self.server_url}/readyz", "client-mesto-admin", "cluster-ca") == 200

    def _controller_manager_ready(self) -> bool:
        return port_open(self.ports["kube-controller-manager"])

    def kubectl(self, *arguments: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Output of kubectl as the administrator. Raises PlatformError with what it said."""
        command = [str(self.binaries / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        environment = {**base_environment(), "HOME": str(self.folder)}
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env=environment, timeout=timeout, check=False
        )
        if done.returncode != 0:
            raise PlatformError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    @property
    def operator_kubeconfig(self) -> Path:
        """The kubeconfig of the operator, who may do only what deploy/kubernetes/operator-rbac.yaml says."""
        return self.folder / "operator.kubeconfig"

    def install(self) -> None:
        """Applies our CRDs and the operator's rights; returns when the API server serves the kinds."""
        files = [DEPLOY / "kubernetes" / rights for rights in ("operator-rbac.yaml", "user-roles.yaml")]
        files += sorted((REPO / "crds").glob("*.yaml"))
        words = [word for file in files for word in ("-f", str(file))]
        applied = self.kubectl("apply", "--server-side", "--force-conflicts", "-o", "name", *words).split()
        kinds = [name for name in applied if name.startswith("customresourcedefinition.")]
        self.kubectl("wait", "--for=condition=Established", "--timeout=60s", *kinds)

    def guard(self) -> None:
        """Lets the API server put the operator's finalizer on new spaces, in every namespace."""
        policy = str(DEPLOY / "kubernetes" / "finalizers.yaml")
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", policy)


def _b64(path: Path) -> str:
    return b64encode(path.read_bytes()).decode()
