/** The part of a profile that is read here. https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile */
export type Profile = {
  nodes: ProfileNode[]
  samples: number[]
  /** Microseconds before each sample. */
  timeDeltas: number[]
}
type Frame = { functionName: string; url: string; lineNumber: number }
export type ProfileNode = { id: number; callFrame: Frame; children?: number[] }

/** Where the time went, in percent of all of it. */
export type TimeSpent = {
  /** By the room of the server or the package that ran, with what Node did for it. */
  by_place: Record<string, number>
  /** By function, without what it called. */
  by_function: Record<string, number>
}

const FUNCTION_COUNT = 25
const PERCENT_MIN = 0.5

/** Adds up where the samples fell. Pure. */
export function timeSpent({ nodes, samples, timeDeltas }: Profile): TimeSpent {
  const places = placesOf(nodes)
  const functions = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const [byPlace, byFunction] = [new Map<string, number>(), new Map<string, number>()]
  let total = 0
  samples.forEach((node, i) => {
    const micros = Math.max(0, timeDeltas[i] ?? 0)
    total += micros
    add(byPlace, places.get(node) ?? '?', micros)
    add(byFunction, functions.get(node) ?? '?', micros)
  })
  return { by_place: largest(byPlace, total), by_function: largest(byFunction, total) }
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

function largest(sums: Map<string, number>, total: number): Record<string, number> {
  const shares = [...sums].map(([key, value]): [string, number] => [key, Number(((100 * value) / total).toFixed(1))])
  return Object.fromEntries(
    shares
      .filter(([, percent]) => percent >= PERCENT_MIN)
      .sort(([, one], [, other]) => other - one)
      .slice(0, FUNCTION_COUNT),
  )
}

/** For each node its own place, or that of the nearest caller that has one. */
function placesOf(nodes: ProfileNode[]): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const places = new Map<number, string>()
  const visit = (node: ProfileNode, inherited: string) => {
    const { url, functionName } = node.callFrame
    // Parents come first. Idle and the collector of garbage belong to nobody who called.
    const own = functionName.startsWith('(') && !url ? functionName : placeOf(url)
    const place = own ?? inherited
    places.set(node.id, place)
    for (const child of node.children ?? []) {
      const found = byId.get(child)
      if (found) visit(found, place)
    }
  }
  const [root] = nodes
  if (root) visit({ ...root, callFrame: { ...root.callFrame, functionName: '' } }, 'node')
  return places
}

/** `server/store`, `pg`, `@scope/name`; undefined for Node itself. */
const placeOf = (url: string): string | undefined =>
  /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? /\/(server\/[^/]+)\/[^/]+$/.exec(url)?.[1]

/** `parse server/core/fhir/json.ts:12`, `writev`: enough to find it, nothing of where the checkout lies. */
function nameOf({ functionName, url, lineNumber }: Frame): string {
  const place = /(?:.*\/node_modules\/|.*\/(?=server\/))(.*)$/.exec(url)?.[1] ?? url
  const name = functionName || '(anonymous)'
  return place ? `${name} ${place}:${lineNumber + 1}` : name
}
