# The service of conflict-events on a CPU: `docker build -t conflict-events .`, then
# `docker run --rm -p 127.0.0.1:8000:8000 conflict-events`. The model is part of the package; no torch, no network.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1
WORKDIR /source
RUN python -m venv /opt/venv
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY annotations annotations
COPY configs configs
COPY inference inference
COPY tests/behaviour tests/behaviour
COPY training training
RUN /opt/venv/bin/pip install --constraint constraints.txt '.[serve]'

FROM python:3.11-slim

# Onnxruntime takes as many threads as there are processors; limit the container's processors, not the threads.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent service
COPY --from=build /opt/venv /opt/venv
USER 10001
WORKDIR /
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["conflict-events", "serve", "--host", "0.0.0.0", "--port", "8000"]
