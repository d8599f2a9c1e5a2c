import { timeSpent } from './cpu-profile.ts'
import { coresBetween, costBetween, cpuTime, forgetPeaks, memoryOf } from './cpu-time.ts'
import type { Profiler } from './profiler.ts'
import type { Bench } from './workload.ts'

/** Nothing is known of a server that runs elsewhere. */
export const plainMeasure: Bench['measured'] = (work) => work()

/** Says beside each figure what bounds it: who used how many cores, and with a profiler where in the server the time went. */
export function closeMeasure(served: () => { pid: number; profiler?: Profiler | undefined }): Bench['measured'] {
  return async (work) => {
    const { pid: serverPid, profiler } = served()
    await profiler?.start()
    forgetPeaks(serverPid)
    const [from, startedAt] = [cpuTime(serverPid), performance.now()]
    const result = await work()
    const to = cpuTime(serverPid)
    const seconds = (performance.now() - startedAt) / 1000
    const profile = await profiler?.stop()
    return {
      ...result,
      ...(from && to && { ...coresBetween(from, to, seconds), ...costBetween(from, to, Number(result.count)) }),
      ...memoryOf(serverPid),
      ...(profile && { server_time_percent: timeSpent(profile) }),
    }
  }
}
