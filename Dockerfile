# The portal's image: web, worker, beat and commands. Needs no compiler and no network at run time.
FROM python:3.13-slim-trixie AS packages
COPY requirements.txt /requirements.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
      -r /requirements.txt \
 && /venv/bin/pip uninstall -y pip

FROM python:3.13-slim-trixie
# The distribution's security updates are wanted, so no versions here.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 xmlsec1 \
      tesseract-ocr tesseract-ocr-deu \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 0700 /var/lib/portal/files
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/tmp \
    PORTAL_STATIC_ROOT=/app/staticfiles \
    PORTAL_FILE_STORE=/var/lib/portal/files \
    PORTAL_BIND=0.0.0.0:8000 \
    PORTAL_DB_POOL=8
WORKDIR /app
COPY --from=packages /venv /venv
COPY . /app
RUN python -m compileall -q /app /venv && python manage.py collectstatic --noinput --verbosity 0
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-I", "-S", "/app/docker/healthcheck.py"]
CMD ["gunicorn", "-c", "python:portal.server", "portal.wsgi"]
