#!/usr/bin/env bash
# Takes a fresh Debian 12 to what everything else needs: Debian's packages and .venv. Quick when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

# Chromium and the font are for the browser tests, shellcheck is for make lint.
packages=(postgresql-15 postgresql-15-postgis-3 rabbitmq-server nginx-light prometheus chromium fonts-dejavu-core shellcheck)
# For `make images` and its tests: they need no more than these where no Docker engine answers.
if [ "${1:-}" = images ] && ! docker info >/dev/null 2>&1; then
  packages+=(buildah podman runc mmdebstrap)
fi
lock=requirements/dev.txt

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer is needed and was not found. On Debian 12: apt-get install python3 (or set PYTHON=/path/to/python)."
}

# Runs a command as root.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

missing_packages() {
  local name
  for name in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || printf '%s\n' "$name"
  done
}

policy=/usr/sbin/policy-rc.d
policy_is_ours=no
remove_policy() {
  if [ "$policy_is_ours" = yes ]; then
    as_root rm -f "$policy"
  fi
}
trap remove_policy EXIT

# Debian starts a server as soon as its package is there; this machine's owner asked for none, so starting is forbidden
# while we install.
forbid_services() {
  if [ ! -e "$policy" ]; then
    policy_is_ours=yes
    printf '#!/bin/sh\n# mesto: for the time of an installation\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  as_root mkdir -p /etc/postgresql-common
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
}

# The packages that we brought must not start their services at the next boot either; those that were there stay as they are.
keep_services_off() {
  local name
  command -v systemctl >/dev/null || return 0
  for name in "$@"; do
    case $name in
      nginx-light) name=nginx ;;
      prometheus | rabbitmq-server) ;;
      podman)
        as_root systemctl disable podman.socket podman-restart.service podman-auto-update.timer >/dev/null 2>&1 || true
        ;;
      *) continue ;;
    esac
    as_root systemctl disable "$name.service" >/dev/null 2>&1 || true
  done
}

install_packages() {
  local wanted=("$@")
  command -v apt-get >/dev/null || fail "These packages are missing and this is not Debian: ${wanted[*]}. Install their like, then try again."
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "These packages are missing: ${wanted[*]}. Run this as root, or install sudo."
    sudo -n true 2>/dev/null || say "Installing packages needs your password for sudo."
  fi
  say "  … installing Debian packages: ${wanted[*]} (usually 2 minutes)"
  forbid_services
  local log
  log=$(mktemp)
  if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${wanted[@]}"; } >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    fail "apt-get could not install ${wanted[*]}; its whole output is in $log."
  fi
  rm -f "$log"
  keep_services_off "${wanted[@]}"
  say "  ✓ Debian packages"
}

# What the environment was made from; the same stamp means there is nothing to do.
stamp_of() {
  { cat "$lock" pyproject.toml; "$1" --version; pwd; } | sha256sum | cut -d' ' -f1
}

# The scripts of an environment name the folder in which it was made: in a checkout that was moved none of them starts.
made_here() {
  local first
  read -r first <.venv/bin/pip || return 1
  [[ $first == "#!$PWD/.venv/bin/"* ]]
}

make_environment() {
  local python=$1 stamp=$2
  if ! .venv/bin/python -c '' 2>/dev/null || ! .venv/bin/uv --version >/dev/null 2>&1 || ! made_here 2>/dev/null; then
    say "  … making the virtual environment"
    rm -rf .venv
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$(sed -nE 's/^(uv==[^ ]+).*/\1/p' "$lock")"
  fi
  say "  … installing Python packages (usually a minute)"
  UV_LINK_MODE=copy .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
  echo "$stamp" >.venv/mesto-stamp
  say "  ✓ Python packages"
}

main() {
  local python stamp missing
  # Two habits at once (make up, make test) must not install into one environment side by side.
  exec 9<"$0"
  flock 9
  command -v git >/dev/null || fail "git is needed and was not found. On Debian: apt-get install git."
  mapfile -t missing < <(missing_packages)
  python=$(find_python)
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    missing+=(python3-venv)
  fi
  if [ "${#missing[@]}" -gt 0 ]; then
    install_packages "${missing[@]}"
  fi
  [ -f "$lock" ] || fail "$lock is not there: this checkout is not whole. Run git status."
  stamp=$(stamp_of "$python")
  if [ "$(cat .venv/mesto-stamp 2>/dev/null)" != "$stamp" ]; then
    make_environment "$python" "$stamp"
  fi
}

main
