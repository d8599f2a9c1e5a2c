import { sameInAll, type Told } from './words/told.ts'

/** What the engine itself has to say about why something cannot be done, in each language that people are told things in. */
export class Problem extends Error {
  readonly told: Told
  constructor(told: Told) {
    super(told.nb)
    this.told = told
  }
}

/** Why it went wrong. What others say (a parser, a library) is told in their own words. */
export const problemOf = (error: unknown): Told =>
  error instanceof Problem ? error.told : sameInAll(error instanceof Error ? error.message : String(error))
