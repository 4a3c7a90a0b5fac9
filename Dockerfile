# The gateway as a container image: docs/containers.md.
#
#   docker build -t sluice .
#
# A test runs these instructions without a container engine. It knows only the instructions used here, and paths in RUN are relative.

FROM node:26-slim AS build
WORKDIR /build/source
COPY . .
RUN npm ci -w @sluice/gateway -w @sluice/inspector --include-workspace-root
RUN npm run build -w @sluice/gateway -w @sluice/inspector
# Remove the packages that only tests and tools use. The others keep the versions of package-lock.json.
RUN rm -r specs tools && npm prune --omit=dev --omit=optional
RUN mkdir ../sluice && cp -R --parents LICENSE node_modules libs/*/package.json libs/*/dist apps/gateway/package.json \
    apps/gateway/container.json apps/gateway/bin/sluice.cjs apps/gateway/dist apps/gateway/public apps/inspector/package.json apps/inspector/dist ../sluice

FROM node:26-slim
WORKDIR /opt/sluice
COPY --from=build /build/sluice .
ENV SLUICE_DEFAULTS=/opt/sluice/apps/gateway/container.json
# The user `node` of the image, by number: Kubernetes checks runAsNonRoot for numbers only.
USER 1000:1000
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["node", "-e", "process.exit((await fetch('http://127.0.0.1:9090/healthz')).ok ? 0 : 1)"]
# No shell and no npm: the gateway is process 1 and gets the signals.
ENTRYPOINT ["node", "--max-semi-space-size=8", "/opt/sluice/apps/gateway/dist/main.js"]
CMD ["serve"]
