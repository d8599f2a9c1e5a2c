import { Unevaluable } from '../decide/evaluator.ts'

/** A StructureMap that an action or an activity names is not run (decision 0032): what it names, and what is expected instead. */
export const notTransformed = (map: string): Unevaluable =>
  new Unevaluable('not-supported', `the StructureMap ${map} is not run here; set by dynamicValue what it was to set`)
