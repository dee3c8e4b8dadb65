# A process of a service of Mesto: API, Celery worker, beat or migration, chosen by the command.
# Debian's slim image; where no registry is at hand, `make images` gives a base that it made from Debian's packages.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS python
# tini as PID 1: signals reach every command with their usual meaning, and orphans are reaped.
RUN --mount=type=secret,id=apt-sources,target=/etc/apt/sources.list \
    apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/*

FROM python AS build
RUN --mount=type=secret,id=apt-sources,target=/etc/apt/sources.list \
    apt-get update && apt-get install -y --no-install-recommends python3-pip python3-venv
ENV PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/build.txt requirements/service.txt /requirements/
# Tests of the libraries are no part of a process. Bytecode is checked by nothing at run time: the image never changes.
RUN --mount=type=secret,id=pip-conf,target=/etc/pip.conf \
    --mount=type=secret,id=authorities,target=/run/authorities.crt \
    python3 -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r /requirements/build.txt \
    && python3 -m venv --without-pip /opt/mesto \
    && python3 -m pip --python /opt/mesto/bin/python install --require-hashes -r /requirements/service.txt \
    && find /opt/mesto -depth -type d \( -name tests -o -name __pycache__ \) -exec rm -r {} + \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mesto/lib
COPY pyproject.toml README.md /source/
COPY services /source/services
COPY operator /source/operator
COPY spiders /source/spiders
# Our code lies beside the libraries, so a new version of Mesto is a small layer.
RUN cd /source && /opt/build/bin/hatchling build -t wheel -d /wheel \
    && python3 -m pip --python /opt/mesto/bin/python install --no-index --no-deps --target /opt/app /wheel/*.whl \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/app \
    && chmod -R a+rX /opt/app

FROM python
COPY --from=build /opt/mesto /opt/mesto
COPY --from=build /opt/app /opt/app
ENV PATH=/opt/app/bin:/opt/mesto/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    HOME=/tmp \
    MESTO_BIND=0.0.0.0
WORKDIR /tmp
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--"]
# No default: python -m mesto.<service>.app | celery -A mesto.<service>.worker:app … | python -m mesto.common.database.migrate all
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mesto/service" \
      org.opencontainers.image.description="A process of a service of Mesto: API, Celery worker, beat or migration, chosen by the command." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
