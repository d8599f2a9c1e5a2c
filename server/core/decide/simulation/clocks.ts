import { type Timer, type TimerDecision, type TimerKind, timerId } from '../timer.ts'

/** The clocks of one play: as the engine's table of timers, in memory. */
export class Clocks {
  private readonly timers = new Map<string, Timer>()
  private readonly kinds: ReadonlySet<TimerKind> | undefined

  /** @param kinds which run; all of them where it is left out */
  constructor(kinds: ReadonlySet<TimerKind> | undefined) {
    this.kinds = kinds
  }

  keep(decision: TimerDecision): void {
    if ('timer' in decision && this.kinds?.has(decision.timer.kind) === false) return
    switch (decision.act) {
      case 'clear':
        for (const [id, { kind, about }] of this.timers) {
          if (kind === decision.kind && about === decision.about) this.timers.delete(id)
        }
        return
      case 'drop':
        this.timers.delete(timerId(decision.timer))
        return
      case 'start':
        if (!this.timers.has(timerId(decision.timer))) this.timers.set(timerId(decision.timer), decision.timer)
        return
      case 'set':
        this.timers.set(timerId(decision.timer), decision.timer)
    }
  }

  /** The next that rings until then. */
  next(until: Date): Timer | undefined {
    return earliest(this.timers, ({ dueAt }) => dueAt, until)?.[1]
  }

  /** It rings. One that is not set again in what is then decided has done its work. */
  takeOut(timer: Timer): void {
    this.timers.delete(timerId(timer))
  }

  ofKind(kind: TimerKind): Timer[] {
    return [...this.timers.values()].filter((timer) => timer.kind === kind)
  }
}

/** The first that is due, at the latest then. */
export function earliest<T>(all: ReadonlyMap<string, T>, at: (one: T) => Date, until: Date): [string, T] | undefined {
  let found: [string, T] | undefined
  for (const entry of all) {
    if (at(entry[1]) <= (found ? at(found[1]) : until) && !(found && at(entry[1]) >= at(found[1]))) found = entry
  }
  return found
}
