/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/scripts/jest/one-realm-environment.ts',
  runtime: '<rootDir>/scripts/jest/native-runtime.ts',
  roots: ['server', 'smart-apps', 'plandefinitions', 'fhir-profiles', 'scripts'].map((name) => `<rootDir>/${name}`),
  testMatch: ['**/*.test.ts'],
  // Node takes the types out, here as in the server.
  transform: {},
  setupFiles: ['<rootDir>/scripts/jest/property-seed.ts'],
  globalSetup: '<rootDir>/scripts/jest/begin-run.ts',
  globalTeardown: '<rootDir>/scripts/jest/remove-run-folder.ts',
  testSequencer: '<rootDir>/scripts/jest/longest-first.cjs',
  // No test is a measure of speed: whatever waits for more than this hangs.
  testTimeout: 240_000,
  watchman: false,
}
