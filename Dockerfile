# The gateway as an image: what serves, and nothing that builds or tests. Runs as an ordinary user on a root that may be read-only;
# what is written goes to the access log's volume. Bases by version: pin them by digest where you build.
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /build
COPY deploy/requirements.lock ./
RUN python -m venv /opt/tongcha \
    && /opt/tongcha/bin/pip install --no-cache-dir --disable-pip-version-check --no-input --require-hashes --requirement requirements.lock
COPY auth /opt/tongcha/app/auth
COPY datasources /opt/tongcha/app/datasources
COPY gateway /opt/tongcha/app/gateway
COPY resolvers /opt/tongcha/app/resolvers
COPY deploy/launcher /opt/tongcha/bin/tongcha
RUN /opt/tongcha/bin/python -c "import sysconfig, pathlib; pathlib.Path(sysconfig.get_path('purelib'), 'tongcha.pth').write_text('/opt/tongcha/app\n')" \
    && /opt/tongcha/bin/pip uninstall --yes --quiet pip \
    && /opt/tongcha/bin/python -m compileall -q /opt/tongcha \
    && chmod 755 /opt/tongcha/bin/tongcha

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Tongcha" \
      org.opencontainers.image.description="One GraphQL door to shared government data" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 tongcha \
    && useradd --system --uid 10001 --gid tongcha --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tongcha \
    && install --directory --owner tongcha --group tongcha --mode 700 /var/lib/tongcha /var/lib/tongcha/audit
COPY --from=build /opt/tongcha /opt/tongcha
ENV PATH=/opt/tongcha/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TONGCHA_AUDIT_DIR=/var/lib/tongcha/audit \
    TONGCHA_LISTEN_HOST=0.0.0.0 \
    TONGCHA_LISTEN_PORT=8000
USER 10001:10001
VOLUME /var/lib/tongcha
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-I", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['TONGCHA_LISTEN_PORT']}/healthz\", timeout=2)"]
ENTRYPOINT ["tongcha"]
CMD ["serve"]
