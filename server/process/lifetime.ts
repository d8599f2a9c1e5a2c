/** What has been started, so that it can be stopped in the opposite order. */
export type Lifetime = {
  atEnd(step: () => Promise<void>): void
  /** Stops everything, once; a step that fails does not keep the ones before it from stopping. */
  end(): Promise<void>
}

export function createLifetime(): Lifetime {
  const steps: (() => Promise<void>)[] = []
  let ended: Promise<void> | undefined
  const endAll = async () => {
    const faults: unknown[] = []
    for (let step = steps.pop(); step; step = steps.pop()) {
      await step().catch((fault: unknown) => faults.push(fault))
    }
    if (faults.length) throw new AggregateError(faults, 'Not everything could be stopped.')
  }
  return {
    atEnd: (step) => void steps.push(step),
    end: () => (ended ??= endAll()),
  }
}
