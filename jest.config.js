/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/server', '<rootDir>/plandefinitions', '<rootDir>/fhir-profiles', '<rootDir>/scripts'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest/strip-types.cjs' },
  setupFiles: ['<rootDir>/scripts/jest/property-seed.ts'],
  globalSetup: '<rootDir>/scripts/jest/run-folder.ts',
  globalTeardown: '<rootDir>/scripts/jest/remove-run-folder.ts',
  testSequencer: '<rootDir>/scripts/jest/longest-first.cjs',
  testTimeout: 120_000,
  watchman: false,
}
