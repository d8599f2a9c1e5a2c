import { orMissing } from '../../fhir/missing.ts'
import { nameOf } from '../../ui/person.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import type { StoredTask } from '../worklist/row.ts'

/** What who has a Task is called, where the Task names them by reference alone; undefined where it names them itself. */
export function useOwnerName({ owner }: StoredTask): string | undefined {
  const fhir = useFhir()
  const asked = owner?.display ? '' : (owner?.reference ?? '')
  return useQuery(`name ${asked}`, async (signal) => {
    const [type, id] = asked.split('/')
    if (!id) return undefined
    if (type === 'Practitioner') return nameOf((await orMissing(fhir.read('Practitioner', id, signal)))?.name)
    if (type === 'CareTeam') return (await orMissing(fhir.read('CareTeam', id, signal)))?.name
    if (type === 'Organization') return (await orMissing(fhir.read('Organization', id, signal)))?.name
    return undefined
  }).data
}
