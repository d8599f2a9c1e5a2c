import { readDeviations, unexplained } from '../../scripts/conformance/deviations.ts'
import { hasCases, runCases } from '../../scripts/conformance/run-cases.ts'
import { startServer } from './harness/start-server.ts'

// The cases are public and not ours, so they are no part of this project.
if (hasCases()) {
  test('every public case passes, or its deviation is explained', async () => {
    const server = await startServer()
    try {
      const results = await runCases(server.fhir, await server.token())
      expect(results.length).toBeGreaterThan(1000)
      expect(unexplained(results, readDeviations())).toEqual([])
    } finally {
      await server.dispose()
    }
  }, 900_000)
} else {
  test('the public cases do not stand beside this checkout: only the list of deviations is looked at', () => {
    for (const { case: name, why } of readDeviations()) {
      expect(name.split('/').length).toBeGreaterThanOrEqual(2)
      expect(why.length).toBeGreaterThan(20)
    }
  })
}
