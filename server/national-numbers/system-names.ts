import { OTHER_NAMES } from './systems.ts'

/** The one name by which a system of national numbers is known here; any other system as it is. */
export const nationalSystem = (system: string): string => OTHER_NAMES[system] ?? system

/** Every name of the same system, the one that was given first: what is looked for by one is found under the others. */
export function namesOfSystem(system: string): string[] {
  const own = nationalSystem(system)
  const others = OTHERS.get(own)
  return others ? [system, ...[own, ...others].filter((one) => one !== system)] : [system]
}

const OTHERS: ReadonlyMap<string, string[]> = Map.groupBy(Object.keys(OTHER_NAMES), nationalSystem)
