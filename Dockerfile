# Production: no demo, no secret by default. Give DATABASE_URL, or a volume at /data for the embedded PostgreSQL.
#   docker build -t fylgje .
#   docker run -e DATABASE_URL=postgres://user:password@db/fylgje -e BASE_URL=https://fylgje.example.no -p 8080:8080 fylgje

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has its own Node 24; the one from npm is for machines with an older one.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node
COPY server server
# Done here, so that no container has to do it at its start: the definitions derived, PostgreSQL's libraries linked.
RUN node --input-type=module -e "import('./server/definitions/definitions.ts').then(({ loadDefinitions }) => loadDefinitions())" \
 && node --input-type=module -e "import('./server/db/embedded/binaries.ts').then(({ findBinaries }) => findBinaries())"

# The apps as browsers run them; what builds them is not needed afterwards.
FROM node:24-slim AS apps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY server server
COPY smart-apps smart-apps
COPY tsconfig.json ./
RUN node --input-type=module -e "import('./server/apps/built-app.ts').then(async ({ APPS, APPS_KEPT, builtApp }) => { for (const app of APPS) await builtApp(app, { kept: APPS_KEPT, other: APPS_KEPT }) })"

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DEMO=off DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=apps /app/node_modules/.cache/fylgje/apps node_modules/.cache/fylgje/apps
COPY package.json ./
COPY server server
COPY fhir-profiles fhir-profiles
COPY plandefinitions plandefinitions
COPY smart-apps smart-apps
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As npm start gives them; docs/decisions/0061-heap-that-grows-slowly.md says why.
CMD ["node", "--max-semi-space-size=6", "--heap-growing-percent=100", "server/main.ts"]
