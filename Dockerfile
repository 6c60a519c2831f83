# Shiori's page over the documents in /documents, as an ordinary user. What it is built from is in .dockerignore.
#
#   docker build -t shiori .
#   docker run --rm -p 127.0.0.1:7860:7860 -v "$PWD/seeds:/documents:ro" -v shiori:/data shiori
#
# "docker run … shiori rag ask …" runs any other command. Set RAG_AUTH (lines of user:password) before others can reach it.

FROM python:3.11-slim AS built
COPY requirements.lock /src/
RUN python -m venv /opt/shiori \
 && /opt/shiori/bin/pip install --no-cache-dir --require-hashes -r /src/requirements.lock
# What not everyone needs, as in "docker build --build-arg EXTRAS=postgres".
ARG EXTRAS=""
COPY . /src
# hatchling, which builds the package, is not in the lock: it stays in this stage.
RUN /opt/shiori/bin/pip install --no-cache-dir --no-deps /src \
 && if [ -n "$EXTRAS" ]; then /opt/shiori/bin/pip install --no-cache-dir "/src[$EXTRAS]"; fi

FROM python:3.11-slim
# libgomp: FAISS computes with OpenMP.
RUN apt-get update \
 && apt-get install --no-install-recommends --yes libgomp1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 shiori \
 && mkdir /data /documents \
 && chown shiori:shiori /data
COPY --from=built /opt/shiori /opt/shiori
ENV PATH=/opt/shiori/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RAG_INDEX=/data/index \
    RAG_CACHE_DIR=/data/cache
USER shiori
WORKDIR /data
VOLUME /data
EXPOSE 7860
# Without the proxies that Docker hands to containers where a firm has one: they lead nowhere near this one.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-c", "from urllib.request import *; build_opener(ProxyHandler({})).open('http://127.0.0.1:7860/healthz', timeout=4)"]
# The page comes up even if some documents could not be read. Inside, it listens everywhere; what reaches it from outside
# is for "docker run -p" to say. The shell is the first process, which no signal ends by itself: it passes on what ends a build.
CMD ["sh", "-c", "trap 'kill $!; wait $!; exit' TERM INT; rag build /documents & wait $!; exec rag serve --host 0.0.0.0"]
