import type { Task } from '@medplum/fhirtypes'
import type { Told } from '../core/decide/words/told.ts'
import { operatorTask } from '../plans/operator-task.ts'

/** What came of trying to tell a device. `refused`: the service does not know us by our key. */
export type Outcome = 'told' | 'again' | 'gone' | 'given-up' | 'refused'

/** How the names of its findings begin. */
export const PUSH_FINDING = 'push|nobody-told|'

export const PUSH_GONE: Told = {
  nb: 'Varsler kommer fram til telefoner igjen.',
  nn: 'Varsel kjem fram til telefonar igjen.',
  en: 'Notices reach phones again.',
}

/** One service may refuse one device for a reason of its own; so many in a row, and none told meanwhile, are the fault of this server. */
const REFUSED_COUNT_MIN = 3
/**
 * For so long nobody is told after the first of them: devices of one reminder are answered one after the other, and those at a service that takes them may
 * be answered last.
 */
const SETTLED_MILLISECONDS = 15_000

const WORDS: Record<'refused' | 'key', Told> = {
  refused: {
    nb: 'Ingen telefon får varsel om at det er noe å gjøre: tjenestene som leverer varsler, avviser denne serveren (401 eller 403). Se etter om klokken går riktig, og om adressen i PUSH_CONTACT gjelder.',
    nn: 'Ingen telefon får varsel om at det er noko å gjere: tenestene som leverer varsel, avviser denne serveren (401 eller 403). Sjå etter om klokka går rett, og om adressa i PUSH_CONTACT gjeld.',
    en: 'No phone is told that there is something to do: the services that deliver notices refuse this server (401 or 403). See that the clock is right, and that the address in PUSH_CONTACT is valid.',
  },
  key: {
    nb: 'Ingen telefon får varsel om at det er noe å gjøre: nøkkelen for varsler kan ikke åpnes. Se etter om KEY_ENCRYPTION_KEY har hemmeligheten som den er forseglet med.',
    nn: 'Ingen telefon får varsel om at det er noko å gjere: nøkkelen for varsel kan ikkje opnast. Sjå etter om KEY_ENCRYPTION_KEY har løyndomen som han er forsegla med.',
    en: 'No phone is told that there is something to do: the key for notices cannot be opened. See that KEY_ENCRYPTION_KEY has the secret it was sealed with.',
  },
}

export type FailureWatch = {
  /** What has come of devices since it was last asked, if anything: called again and again, for time counts too. */
  heard(outcomes: readonly Outcome[]): Promise<void>
  keyFailed(): Promise<void>
}

/**
 * Whoever runs the server has a Task for as long as nobody is told.
 * @param tellTask is told which Task there is to be; undefined for none
 */
export function watchFailures(now: () => Date, tellTask: (wanted: Task | undefined) => Promise<void>): FailureWatch {
  /** Since somebody was told. */
  let refused = { count: 0, since: undefined as Date | undefined, isTask: false }
  return {
    async heard(outcomes) {
      if (outcomes.includes('told')) {
        refused = { count: 0, since: undefined, isTask: false }
        return tellTask(undefined)
      }
      const count = outcomes.filter((outcome) => outcome === 'refused').length
      if (count > 0) refused = { ...refused, count: refused.count + count, since: refused.since ?? now() }
      const { since, isTask } = refused
      const isSettled = since !== undefined && now().getTime() - since.getTime() >= SETTLED_MILLISECONDS
      if (refused.count < REFUSED_COUNT_MIN || !isSettled || (isTask && count === 0)) return
      await tellTask(failureTask('refused', now()))
      // Not before: what the database could not take is told in the next turn.
      if (refused.since === since) refused = { ...refused, isTask: true }
    },
    keyFailed: () => tellTask(failureTask('key', now())),
  }
}

const failureTask = (cause: keyof typeof WORDS, now: Date): Task =>
  operatorTask({
    ...{ told: WORDS[cause], now, about: 'Device/sender' },
    name: `${PUSH_FINDING}${cause}|${now.toISOString()}`,
  })
