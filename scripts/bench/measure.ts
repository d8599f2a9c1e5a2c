import type { Profiler } from './cpu-profile.ts'
import { cpuBetween, cpuTime } from './cpu-time.ts'
import type { Bench } from './workload.ts'

export const plainMeasure: Bench['measured'] = (work) => work()

const FUNCTION_COUNT = 25

/** Says beside each figure what bounds it: who used how many cores, and which functions of the server most of its time. */
export function profiledMeasure(serverPid: number, profiler: Profiler): Bench['measured'] {
  return async (work) => {
    await profiler.start()
    const [from, startedAt] = [cpuTime(serverPid), performance.now()]
    const result = await work()
    const to = cpuTime(serverPid)
    const seconds = (performance.now() - startedAt) / 1000
    const top = await profiler.stop(FUNCTION_COUNT)
    return { ...result, ...cpuBetween(from, to, seconds), server_self_time: top }
  }
}
