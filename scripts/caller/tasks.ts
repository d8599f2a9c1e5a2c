import type { Bundle, Task } from '@medplum/fhirtypes'
import { type Caller, expectJson } from './caller.ts'

const PAGE_COUNT = 200

/** Every Task that was written since then, page by page. https://hl7.org/fhir/R4/http.html#paging */
export async function readTasksSince(caller: Caller, since: Date): Promise<Task[]> {
  const tasks = new Map<string, Task>()
  let path: string | undefined = `Task?_lastUpdated=ge${since.toISOString()}&_count=${PAGE_COUNT}`
  while (path) {
    const page: Bundle<Task> = expectJson(await caller.call({ method: 'GET', path }), 200)
    for (const { resource } of page.entry ?? []) if (resource?.id) tasks.set(resource.id, resource)
    path = page.link?.find(({ relation }) => relation === 'next')?.url
  }
  return [...tasks.values()]
}
