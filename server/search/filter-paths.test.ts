import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDefinitions } from '../definitions/definitions.ts'
import { filterPathsModule } from './filter-paths.ts'

test('the core knows the search parameters of R4; node scripts/filter-paths.ts writes them', () => {
  const written = readFileSync(join(import.meta.dirname, '../core/decide/plan/filter-paths.generated.ts'), 'utf8')
  expect(written).toBe(filterPathsModule(loadDefinitions()))
})
