/**
 * Writes server/core/decide/plan/filter-paths.generated.ts from the search parameters of R4. Can be run as often as one likes.
 *
 *   node scripts/filter-paths.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDefinitions } from '../server/definitions/definitions.ts'
import { filterPathsModule } from '../server/search/filter-paths.ts'

writeFileSync(
  join(import.meta.dirname, '../server/core/decide/plan/filter-paths.generated.ts'),
  filterPathsModule(loadDefinitions()),
)
