import type { Vault } from './vault.ts'

/** What somebody has begun to write on one page, kept until it is sent, also through days and crashes. */
export type KeptDraft<T> = {
  /** What was begun before; undefined where nothing was, or it cannot be read. */
  read(): Promise<T | undefined>
  /** One after the other, so that what was written last is what is kept. Where nothing can be kept the page still has it. */
  keep(draft: T): void
  /** It is sent, or given up: what was still to be kept of it is not kept any more. Never fails. */
  end(): Promise<void>
}

/** @param name of the page; the draft is kept under `draft.` and that */
export function keepDraft<T>(vault: Pick<Vault, 'read' | 'write'>, name: string): KeptDraft<T> {
  const key = `draft.${name}`
  let last: Promise<void> = Promise.resolve()
  let turn = 0
  const write = (draft: T | undefined) => {
    const mine = ++turn
    // Of several that wait only the newest is worth its place.
    last = last.then(() => (mine === turn ? vault.write({ [key]: draft }) : undefined)).catch(() => {})
    return last
  }
  return {
    read: () => vault.read<T>(key).catch(() => undefined),
    keep: (draft) => void write(draft),
    end: () => write(undefined),
  }
}
