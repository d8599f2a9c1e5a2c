import { existsSync, readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Browser, Page, Route } from 'playwright-core'
import type { PathwayCase } from '../../core/decide/cases/pathway-case.ts'
import { playCase } from '../../core/decide/cases/play-case.ts'
import { decide } from '../../core/decide/decide.ts'
import { compilePlan, type Definition } from '../../core/decide/plan/compile-plan.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { loadPathway, resourcesOf } from '../../plans/load-pathways.ts'

const PROJECT = join(import.meta.dirname, '../../..')
/** Nobody's: everything below it is answered from this folder, without a server. */
const ORIGIN = 'http://core.invalid'
const R4_MODEL = '/fhirpath-r4-model.js'

/** What the core imports from others, as a bundler would find it. */
const IMPORTS = {
  fhirpath: '/node_modules/fhirpath/esm/fhirpath.mjs',
  'fhirpath/fhir-context/r4': R4_MODEL,
  'temporal-polyfill': '/node_modules/temporal-polyfill/index.js',
  'temporal-utils': '/node_modules/temporal-utils/dist/index.js',
  'temporal-utils/protected': '/node_modules/temporal-utils/dist/protected.js',
  'temporal-utils/protected-error-messages': '/node_modules/temporal-utils/dist/protected-error-messages.js',
}
const PAGE = `<!doctype html><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`

/** Every decision of a pathway's cases as the server makes it, as JSON. */
export async function decidedHere(pathway: string): Promise<string[]> {
  return decideCases({ compilePlan, decide, playCase }, given(pathway))
}

/**
 * A browser's page into which the core comes as its source stands, without its types. Nothing else is there: a module that is not
 * found fails its import, and so does what only Node has.
 */
export async function openCore(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.route(`${ORIGIN}/**`, (route) => answer(route, new URL(route.request().url()).pathname))
  await page.goto(`${ORIGIN}/`)
  return page
}

/** The same in such a page. */
export async function decidedInBrowser(core: Page, pathway: string): Promise<string[]> {
  return core.evaluate(`(async () => {
    const [{ compilePlan }, { decide }, { playCase }] = await Promise.all(
      ['plan/compile-plan.ts', 'decide.ts', 'cases/play-case.ts'].map((file) => import('/server/core/decide/' + file)))
    return (${decideCases})({ compilePlan, decide, playCase }, ${JSON.stringify(given(pathway))})
  })()`)
}

type Core = { compilePlan: typeof compilePlan; decide: typeof decide; playCase: typeof playCase }

/** Runs here and, as text, in the page: so it knows nothing but what it is given. */
async function decideCases(core: Core, { pathway, resources, cases }: Given): Promise<string[]> {
  const plan = core.compilePlan(
    resources.find(({ resourceType, id }) => resourceType === 'PlanDefinition' && id === pathway) as PlanDefinition,
    (canonical) => resources.find(({ url, version }) => canonical === url || canonical === `${url}|${version}`),
  )
  const decided: string[] = []
  for (const one of cases) {
    await core.playCase(plan, one, async (facts) => {
      const decisions = core.decide(facts)
      decided.push(JSON.stringify(decisions))
      return decisions
    })
  }
  return decided
}

type Given = { pathway: string; resources: Definition[]; cases: PathwayCase[] }

const given = (pathway: string): Given => ({
  pathway,
  resources: resourcesOf(pathway) as (Resource & Definition)[],
  cases: loadPathway(pathway).cases.map(([, one]) => one),
})

function answer(route: Route, pathname: string): Promise<void> {
  if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: PAGE })
  const source = moduleAt(pathname)
  if (source === undefined) return route.fulfill({ status: 404, body: '' })
  return route.fulfill({ contentType: 'text/javascript; charset=utf-8', body: source })
}

function moduleAt(pathname: string): string | undefined {
  if (pathname === R4_MODEL) return fromCommonJs(join(PROJECT, 'node_modules/fhirpath/fhir-context/r4/index.js'))
  const path = join(PROJECT, pathname)
  if (!/^\/(server\/core|node_modules)\//.test(pathname) || !existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  return pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text
}

/** A CommonJS module with the files that it requires, as one ES module: what a bundler makes of it. */
function fromCommonJs(entry: string): string {
  const bodies = new Map<string, string>()
  const visit = (path: string): void => {
    if (bodies.has(path)) return
    const text = readFileSync(path, 'utf8')
    const names = [...text.matchAll(/require\('(\.[^']+)'\)/g)].map(([, name = '']) => name)
    const found = Object.fromEntries(names.map((name) => [name, createRequire(path).resolve(name)]))
    bodies.set(
      path,
      path.endsWith('.json') ? `module.exports = ${text}` : `const paths = ${JSON.stringify(found)}; ${text}`,
    )
    Object.values(found).forEach(visit)
  }
  visit(entry)
  const files = [...bodies].map(
    ([path, body]) => `${JSON.stringify(path)}(module, load) { const require = (name) => load(paths[name]); ${body}\n}`,
  )
  return `const files = {${files.join(',\n')}}
const load = (path) => { const module = { exports: {} }; files[path](module, load); return module.exports }
export default load(${JSON.stringify(entry)})`
}
