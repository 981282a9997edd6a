# docker build -t renderer .
# docker run --rm --security-opt seccomp=deploy/seccomp.json --shm-size=1g -v "$PWD:/work" renderer clip session.json -o bug.mp4
# (the folder must be writable for user 1000, or add --user "$(id -u):$(id -g)")
# The service, which is this image twice: compose.yaml, docs/deploy.md.

FROM node:20-bookworm-slim AS page
WORKDIR /src/player_assets
COPY player_assets/package.json player_assets/package-lock.json player_assets/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY player_assets/ ./
RUN mkdir -p ../renderer/player && npm run --silent build

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
COPY requirements-build.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY renderer/ renderer/
COPY --from=page /src/renderer/player/player.html renderer/player/player.html
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist .

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="renderer" \
      org.opencontainers.image.description="Turns recorded browser sessions into short clips for support tickets" \
      org.opencontainers.image.licenses="MIT"
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /build
# What changes least comes first, so that a new line of code does not fetch the fonts again.
# The same pictures, byte for byte, come from the same Chromium only. Debian keeps the last version: see docs/deploy.md.
ARG CHROMIUM_VERSION=156.0.8078.108-1~deb12u1
COPY scripts/setup scripts/setup
RUN scripts/setup runtime "$CHROMIUM_VERSION" && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY --from=wheel /dist/ dist/
RUN pip install --no-deps dist/*.whl

# Chromium's own sandbox is off for root; /data is world-writable for whichever user --user names.
RUN useradd --create-home --uid 1000 renderer && install -d -m 1777 /data
# For `celery -A worker worker`, from whichever folder.
COPY worker.py /app/worker.py
# What libraries write below HOME goes where a read-only container can write.
ENV RENDERER_DATA_DIR=/data HOME=/tmp PYTHONPATH=/app
USER 1000:1000
WORKDIR /work
EXPOSE 8080
# tini collects what killed browsers leave behind; nobody else does where process 1 is a Python program.
ENTRYPOINT ["tini", "--", "renderer"]
