# docker build -t renderer .
# docker run --rm --shm-size=1g -v "$PWD:/work" renderer clip session.json -o bug.mp4
# (the folder must be writable for user 1000, or add --user "$(id -u):$(id -g)")

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
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app
# What changes least comes first, so that a new line of code does not fetch the fonts again.
COPY scripts/setup scripts/setup
RUN scripts/setup runtime && rm -rf /var/lib/apt/lists/*
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY --from=wheel /dist/ dist/
RUN pip install --no-deps dist/*.whl

# Chromium's own sandbox is off for root; /data is world-writable for whichever user --user names.
RUN useradd --create-home --uid 1000 renderer && install -d -m 1777 /data
ENV RENDERER_DATA_DIR=/data HOME=/tmp
USER renderer
WORKDIR /work
ENTRYPOINT ["renderer"]
