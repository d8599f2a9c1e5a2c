// What `@jest/globals` is to a test file: the functions that jest has just made for it.
type JestGlobals = typeof import('@jest/globals')

export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } =
  globalThis as unknown as JestGlobals
