import type { Bundle, Task } from '@medplum/fhirtypes'
import { type Caller, expectJson } from './caller.ts'

const PAGE_COUNT = 200

/** Every Task that was written since then. */
export const readTasksSince = (caller: Caller, since: Date): Promise<Task[]> => readSince<Task>(caller, 'Task', since)

/** Every resource of the type that was written since then, page by page. https://hl7.org/fhir/R4/http.html#paging */
export async function readSince<T extends { resourceType: string; id?: string }>(
  caller: Caller,
  type: T['resourceType'],
  since: Date,
): Promise<T[]> {
  const found = new Map<string, T>()
  let path: string | undefined = `${type}?_lastUpdated=ge${since.toISOString()}&_count=${PAGE_COUNT}`
  while (path) {
    const page: Bundle = expectJson<Bundle>(await caller.call({ method: 'GET', path }), 200)
    for (const { resource } of page.entry ?? []) if (resource?.id) found.set(resource.id, resource as unknown as T)
    path = page.link?.find(({ relation }) => relation === 'next')?.url
  }
  return [...found.values()]
}
