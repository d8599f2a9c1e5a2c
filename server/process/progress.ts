/** What the person at the terminal reads while the server starts. */
export type Progress = {
  /** Runs `work` and says how long it took. */
  step<T>(says: string, work: () => Promise<T>): Promise<T>
  say(line: string): void
}

export function showProgress(write: (line: string) => void): Progress {
  const say = (line: string) => write(`${line}\n`)
  return {
    say,
    async step(says, work) {
      const startedAt = performance.now()
      const result = await work()
      say(`  ${says} · ${duration(performance.now() - startedAt)}`)
      return result
    },
  }
}

const duration = (millis: number) => (millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`)
