import type { Resource } from '../core/fhir/resource.ts'
import type { Guard } from '../store/rooms.ts'

/** Several guards as one; each sees the types that are its own. */
export function allGuards(...guards: Guard[]): Guard {
  const of = (type: string) => guards.filter(({ types }) => types.includes(type))
  return {
    types: [...new Set(guards.flatMap(({ types }) => types))],

    async admit(db, change) {
      for (const guard of of((change.before as Resource).resourceType)) await guard.admit(db, change)
    },

    admitNew(access, resource) {
      for (const guard of of(resource.resourceType)) guard.admitNew(access, resource)
    },

    admitBeside(db, access, resource) {
      const asked = of(resource.resourceType).flatMap((guard) => guard.admitBeside?.(db, access, resource) ?? [])
      return asked.length > 0 ? Promise.all(asked).then(() => undefined) : undefined
    },
  }
}
