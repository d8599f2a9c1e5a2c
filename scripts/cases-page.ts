/**
 * Writes docs/cases.md: which case or test shows which row. Can be run as often as one likes.
 *
 *   node scripts/cases-page.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { casesPage } from './cases/cases-page.ts'

writeFileSync(join(import.meta.dirname, '../docs/cases.md'), casesPage())
