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
  testTimeout: 120_000,
  watchman: false,
}
