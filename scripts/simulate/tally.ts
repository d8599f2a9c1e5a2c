import type { Answer, Message } from './door.ts'

/** What became of everything that was sent. */
export class Tally {
  readonly statuses = new Map<number, number>()
  resources = 0
  batches = 0
  retries = 0
  #millis: number[] = []

  count({ path, body }: Message, { status, attempts }: Answer, millis: number): void {
    const batch = path === '' ? (body as { entry: unknown[] }).entry.length : undefined
    this.resources += batch ?? 1
    this.batches += batch === undefined ? 0 : 1
    this.retries += attempts - 1
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    this.#millis.push(millis)
  }

  /** How many messages were neither stored nor there already. */
  get lost(): number {
    return [...this.statuses].reduce((sum, [status, count]) => sum + (status === 200 || status === 201 ? 0 : count), 0)
  }

  lines(): string[] {
    const sorted = this.#millis.toSorted((one, other) => one - other)
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
    const statuses = [...this.statuses].sort(([one], [other]) => one - other)
    return [
      `sent ${this.resources} resources in ${sorted.length} messages, ${this.batches} of them kept and sent together; sent again: ${this.retries}`,
      `answers: ${statuses.map(([status, count]) => `${status || 'none'} ×${count}`).join(', ') || 'none'}`,
      `time to answer: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms`,
    ]
  }
}
