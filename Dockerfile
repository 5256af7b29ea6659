# Builds the service from this tree alone. `docker build -t heare-auth .`
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY . .
# What `heare-auth --version` names; the history is not in here.
ARG COMMIT=
RUN HEARE_COMMIT=$COMMIT ./dev build && strip build/release/heare-auth

FROM debian:bookworm-slim
# The date that useradd writes into /etc/shadow, which else would differ from day to day.
ARG SOURCE_DATE_EPOCH=0
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libcurl4 libfmt9 libssl3 libtomlplusplus3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/ldconfig /var/log/apt /var/log/dpkg.log \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent heare-auth
COPY --from=build /src/build/release/heare-auth /usr/local/bin/heare-auth
# Inside a container the network is the container's own: listen on all of it.
ENV HEARE_AUTH_HOST=0.0.0.0 PORT=8080
USER heare-auth
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["heare-auth", "health"]
CMD ["heare-auth", "serve"]
