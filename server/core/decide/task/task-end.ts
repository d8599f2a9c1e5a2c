import type { Task } from '@medplum/fhirtypes'

/**
 * When a Task ended, in milliseconds: as it says itself, else when it was changed last. Who closes it need not write `lastModified`, so what
 * the store says comes before it. NaN where nothing says.
 */
export const endedAt = ({ executionPeriod, lastModified, meta }: Task): number =>
  Date.parse(executionPeriod?.end ?? meta?.lastUpdated ?? lastModified ?? '')
