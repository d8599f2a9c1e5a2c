import { expand } from './expand.ts'
import { lookup } from './lookup.ts'
import type { Operation } from './operation.ts'
import { subsumes } from './subsumes.ts'
import { translate } from './translate.ts'
import { validate } from './validate.ts'
import { validateCodeInCodeSystem, validateCodeInValueSet } from './validate-code.ts'

/** Every operation that declares itself; routes, metadata and OperationDefinitions are made from this list. */
export const OPERATIONS: Operation[] = [
  validate,
  expand,
  validateCodeInValueSet,
  lookup,
  validateCodeInCodeSystem,
  subsumes,
  translate,
]
