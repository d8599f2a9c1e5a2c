/** Does what takes long, and counts how often others had their turn on the event loop meanwhile. */
export async function countTurns<Done>(work: () => Promise<Done>): Promise<{ done: Done; turns: number }> {
  let turns = 0
  let isDone = false
  const others = () => {
    turns++
    if (!isDone) setImmediate(others)
  }
  setImmediate(others)
  const done = await work()
  isDone = true
  return { done, turns }
}
