const CHECK_MILLISECONDS = 1_000

/**
 * What takes long to send ends, cut off, when its caller has lost what it was asked for with.
 * @param check  fails when that is so
 * @param millis how often it is asked, at most
 */
export async function* whileKnown<T>(
  given: AsyncIterable<T>,
  check: () => Promise<void>,
  millis = CHECK_MILLISECONDS,
): AsyncGenerator<T> {
  let checkedAt = performance.now()
  for await (const some of given) {
    if (performance.now() - checkedAt >= millis) {
      await check()
      checkedAt = performance.now()
    }
    yield some
  }
}
