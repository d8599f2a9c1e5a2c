/**
 * Writes docs/operations.md from the declarations of the operations and their examples. Can be run as often as one likes.
 *
 *   node scripts/operations-page.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPERATIONS } from '../server/operations/operations.ts'
import { operationsPage } from '../server/operations/operations-page.ts'

writeFileSync(join(import.meta.dirname, '../docs/operations.md'), operationsPage(OPERATIONS))
