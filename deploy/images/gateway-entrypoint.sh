#!/bin/sh
# Writes nginx's configuration from the environment, then becomes nginx. With a command, runs that instead:
#   nginx -e stderr -c /etc/mesto/nginx.conf     a configuration of your own
#
# MESTO_<SERVICE>_UPSTREAM    host:port of each service's public port; a plain Service name is completed by the first
#                             search domain of the container (default: mesto-<service>:8000)
# MESTO_GATEWAY_PORT          8080; MESTO_GATEWAY_INTERNAL_PORT 8081 answers /healthz and /readyz
# MESTO_GATEWAY_RESOLVER      name servers that are asked again for the services' addresses (default: /etc/resolv.conf's)
# MESTO_GATEWAY_TRUSTED       networks whose X-Forwarded-For is believed, by comma (default: none)
# MESTO_GATEWAY_SCHEME        what browsers speak with it, or with what stands before it: http (default) or https
# MESTO_GATEWAY_HSTS          Strict-Transport-Security, for https only (default: none)
# MESTO_GATEWAY_PREVIOUS      a folder whose assets/ pages of the release before still find (default: /srv/mesto-previous)
# MESTO_LIMIT_REGISTER, _LOGIN, _HOLDS, _REQUESTS   how many of one network in a minute (10, 60, 60, 3000)
# MESTO_LIMIT_CONNECTIONS     how many requests of one network at the same time, open sockets too (256)
set -eu
if [ $# -gt 0 ]; then
  exec "$@"
fi

from_resolv_conf() {
  awk -v key="$1" '$1 == key { print $2; exit }' /etc/resolv.conf 2>/dev/null || true
}

# nginx's resolver knows no search domains.
qualified() {
  host=${1%:*}
  port=${1##*:}
  case $host in
    *.* | localhost | \[*) ;;
    *) host=$host${search:+.$search} ;;
  esac
  printf '%s:%s' "$host" "$port"
}

search=$(from_resolv_conf search)
resolver=${MESTO_GATEWAY_RESOLVER:-$(from_resolv_conf nameserver)}
case $resolver in
  '') MESTO_GATEWAY_RESOLVER='' ;;
  *:*:*) MESTO_GATEWAY_RESOLVER="resolver [$resolver] valid=5s;" ;;
  *) MESTO_GATEWAY_RESOLVER="resolver $resolver valid=5s;" ;;
esac

MESTO_GATEWAY_REAL_IP=''
if [ -n "${MESTO_GATEWAY_TRUSTED:-}" ]; then
  for network in $(printf '%s' "$MESTO_GATEWAY_TRUSTED" | tr ',' ' '); do
    MESTO_GATEWAY_REAL_IP="${MESTO_GATEWAY_REAL_IP}set_real_ip_from $network; "
  done
  MESTO_GATEWAY_REAL_IP="${MESTO_GATEWAY_REAL_IP}real_ip_header X-Forwarded-For; real_ip_recursive on;"
fi

MESTO_AUTH_UPSTREAM=$(qualified "${MESTO_AUTH_UPSTREAM:-mesto-auth:8000}")
MESTO_CATALOG_UPSTREAM=$(qualified "${MESTO_CATALOG_UPSTREAM:-mesto-catalog:8000}")
MESTO_BOOKING_UPSTREAM=$(qualified "${MESTO_BOOKING_UPSTREAM:-mesto-booking:8000}")
MESTO_GEO_UPSTREAM=$(qualified "${MESTO_GEO_UPSTREAM:-mesto-geo:8000}")
MESTO_NOTIFICATIONS_UPSTREAM=$(qualified "${MESTO_NOTIFICATIONS_UPSTREAM:-mesto-notifications:8000}")
MESTO_BIND=${MESTO_BIND:-0.0.0.0}
MESTO_GATEWAY_PORT=${MESTO_GATEWAY_PORT:-8080}
MESTO_GATEWAY_INTERNAL_PORT=${MESTO_GATEWAY_INTERNAL_PORT:-8081}
MESTO_GATEWAY_WORKERS=${MESTO_GATEWAY_WORKERS:-1}
MESTO_GATEWAY_FOLDER=/tmp/gateway
MESTO_GATEWAY_WWW=/srv/mesto
MESTO_GATEWAY_PREVIOUS=${MESTO_GATEWAY_PREVIOUS:-/srv/mesto-previous}
MESTO_GATEWAY_SCHEME=${MESTO_GATEWAY_SCHEME:-http}
MESTO_GATEWAY_HSTS=${MESTO_GATEWAY_HSTS:-}
MESTO_LIMIT_REGISTER=${MESTO_LIMIT_REGISTER:-10}
MESTO_LIMIT_LOGIN=${MESTO_LIMIT_LOGIN:-60}
MESTO_LIMIT_HOLDS=${MESTO_LIMIT_HOLDS:-60}
MESTO_LIMIT_REQUESTS=${MESTO_LIMIT_REQUESTS:-3000}
MESTO_LIMIT_CONNECTIONS=${MESTO_LIMIT_CONNECTIONS:-256}
MESTO_GATEWAY_MIME_TYPES=/etc/nginx/mime.types
export MESTO_AUTH_UPSTREAM MESTO_CATALOG_UPSTREAM MESTO_BOOKING_UPSTREAM MESTO_GEO_UPSTREAM MESTO_NOTIFICATIONS_UPSTREAM \
  MESTO_BIND MESTO_GATEWAY_PORT MESTO_GATEWAY_INTERNAL_PORT MESTO_GATEWAY_WORKERS MESTO_GATEWAY_FOLDER \
  MESTO_GATEWAY_WWW MESTO_GATEWAY_PREVIOUS MESTO_GATEWAY_MIME_TYPES MESTO_GATEWAY_RESOLVER MESTO_GATEWAY_REAL_IP \
  MESTO_GATEWAY_SCHEME MESTO_GATEWAY_HSTS \
  MESTO_LIMIT_REGISTER MESTO_LIMIT_LOGIN MESTO_LIMIT_HOLDS MESTO_LIMIT_REQUESTS MESTO_LIMIT_CONNECTIONS

mkdir -p "$MESTO_GATEWAY_FOLDER/tmp"
template=/etc/mesto/nginx.conf.template
# Only names that the template has as ${MESTO_…}: nginx's own variables look alike.
# shellcheck disable=SC2016
names=$(grep -o '${MESTO_[A-Z_]*}' "$template" | sort -u | tr '\n' ' ')
envsubst "$names" <"$template" >"$MESTO_GATEWAY_FOLDER/nginx.conf"
exec nginx -p "$MESTO_GATEWAY_FOLDER" -e stderr -c "$MESTO_GATEWAY_FOLDER/nginx.conf"
