import { randomBytes } from 'node:crypto'
import type { Ending } from '../db/pool.ts'
import { type Block, type Chain, genesisOf } from './block.ts'
import type { Head } from './record.ts'

/**
 * The chains of one process. Each has one writer at a time, from before its block goes to the database until it is known what became
 * of it, so there are as many as there are writers at once. They are joined by seals (seal.ts).
 */
export type Chains = {
  take(now: Date): Chain
  /** @param block the last that was written on it; undefined where none was */
  give(chain: Chain, block: Pick<Block, 'block' | 'head'> | undefined, ending: Ending): void
  /** Where the chains are now that have grown since this was asked before. */
  grown(): Head[]
}

export function createChains(): Chains {
  let free: Chain[] = []
  let grown = new Map<string, Head>()
  return {
    take(now) {
      const month = monthOf(now)
      // The chains of a month that is over have ended.
      if (free.length > 0 && free[0]?.month !== month) free = []
      return free.pop() ?? newChain(month)
    },
    give(chain, block, ending) {
      // It may be there or not, so nothing can be written behind it; another chain begins.
      if (ending === 'unknown') return
      if (ending === 'committed' && block) {
        chain.block = block.block + 1
        chain.head = block.head
        grown.set(chain.id, [chain.month, chain.id, block.block, block.head])
      }
      free.push(chain)
    },
    grown() {
      const heads = [...grown.values()]
      grown = new Map()
      return heads
    },
  }
}

/** The first day of its month, in UTC. */
export const monthOf = (at: Date): string => `${at.toISOString().slice(0, 7)}-01`

function newChain(month: string): Chain {
  // 62 bits: positive, and two never meet.
  const id = String((randomBytes(8).readBigUInt64BE() >> 2n) + 1n)
  return { id, month, block: 0, head: genesisOf(id) }
}
