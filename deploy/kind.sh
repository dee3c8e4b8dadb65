#!/usr/bin/env bash
# A cluster of kind (https://kind.sigs.k8s.io) on this machine with Mesto in it. Needs docker, kind, kubectl; Calico or the like
# if NetworkPolicies are to be enforced: kind's own network only accepts them.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${MESTO_KIND_NAME:-mesto}
tag=${MESTO_IMAGE_TAG:-dev}
fail() { printf '%s\n' "$*" >&2; exit 1; }

for program in docker kind kubectl; do
  command -v "$program" >/dev/null || fail "$program is needed for MESTO_CLUSTER=kind and was not found."
done
docker info >/dev/null 2>&1 || fail "Docker's engine does not answer: docker info says why."

if ! kind get clusters | grep -qx "$name"; then
  kind create cluster --name "$name" --wait 120s
fi
unset MESTO_IMAGE_PREFIX
export MESTO_IMAGE_TAG="$tag"
make images
for image in service operator spiders gateway; do
  kind load docker-image --name "$name" "mesto/$image:$tag"
done
kubectl config use-context "kind-$name"
MESTO_CLUSTER=current exec make up
