/** What there is to say of a number. */
export type Judgement = {
  /** Why it is none, in a sentence that does not repeat it: such numbers stand in no log. */
  problem?: string
  /** The rule that it breaks is not published by who gives the number out: it is presumed wrong. */
  isPresumed?: true
  /** Of which series for tests it is; nobody bears it. */
  madeUp?: string
}
