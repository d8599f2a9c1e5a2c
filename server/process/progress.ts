/** What the person at the terminal reads while the server starts. */
export type Progress = {
  /** Runs `work` and says how long it took. */
  step<T>(says: string, work: () => Promise<T>): Promise<T>
  say(line: string): void
  /** Says how far a long step has come, at most once a second. */
  sayStill(line: string): void
}

const STILL_MILLIS = 1000

export function showProgress(write: (line: string) => void): Progress {
  let saidAt = performance.now()
  const say = (line: string) => {
    saidAt = performance.now()
    write(`${line}\n`)
  }
  return {
    say,
    sayStill: (line) => {
      if (performance.now() - saidAt >= STILL_MILLIS) say(`  ${line}`)
    },
    async step(says, work) {
      const startedAt = performance.now()
      const result = await work()
      say(`  ${says} · ${duration(performance.now() - startedAt)}`)
      return result
    },
  }
}

const duration = (millis: number) => (millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`)
