import type { ClinicalImpression } from '@medplum/fhirtypes'
import { ZONES, type Zone } from '../../ui/zone.ts'
import type { Entry } from '../sending/entry.ts'
import { type Verdict, verdictOf } from '../today/zone.ts'

/** This phone has said one zone of a result, and the server another. */
export type Difference = {
  /** `Observation/7` */
  about: string
  /** id of the ClinicalImpression that says the other. */
  triage: string
  said: Zone
  is: Zone
  isMilder: boolean
  /** The server's operator has been told. */
  isReported?: boolean
}

/**
 * Those known before, as long as their triage is in the record, and the new ones.
 * @param known of the record as it was
 */
export function keptDifferences(
  triages: readonly ClinicalImpression[],
  entries: readonly Entry[],
  known: readonly Difference[] = [],
): Difference[] {
  const old = known.filter(({ triage }) => triages.some(({ id }) => id === triage))
  const isNew = ({ triage }: Difference) => !old.some((one) => one.triage === triage)
  return [...old, ...differencesIn(triages, entries).filter(isNew)]
}

/** Where the server has judged what this phone had judged before, and otherwise. Of several plans the most urgent counts, as here. */
export function differencesIn(triages: readonly ClinicalImpression[], entries: readonly Entry[]): Difference[] {
  const judged = triages.flatMap((one): (Verdict & { triage: string })[] => {
    const verdict = verdictOf(one, 'nb')
    return verdict && one.id ? [{ ...verdict, triage: one.id }] : []
  })
  return entries.flatMap(({ resource, storedAs, verdict }): Difference[] => {
    const about = `${resource.resourceType}/${storedAs}`
    const [server] = judged
      .filter((one) => one.about === about)
      .sort((one, other) => ZONES.indexOf(one.zone) - ZONES.indexOf(other.zone))
    // Grey is that nothing is known: neither of the two has said anything then.
    if (!verdict || !server || verdict.zone === server.zone || verdict.zone === 'grey' || server.zone === 'grey')
      return []
    const isMilder = ZONES.indexOf(verdict.zone) > ZONES.indexOf(server.zone)
    return [{ about, triage: server.triage, said: verdict.zone, is: server.zone, isMilder }]
  })
}
