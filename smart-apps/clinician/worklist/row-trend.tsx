import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Row } from './row.ts'
import type { RowTrends } from './row-trends.ts'

const Sparkline = lazy(() => import('./sparkline.tsx'))

/** Rows near the screen are drawn before they are on it. */
const NEAR = '300px'
const onSight = new WeakMap<Element, () => void>()
let watch: IntersectionObserver | undefined

/** One observer for all rows. */
function whenSeen(element: Element, run: () => void): () => void {
  watch ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) onSight.get(target)?.()
    },
    { rootMargin: NEAR },
  )
  onSight.set(element, run)
  watch.observe(element)
  return () => {
    onSight.delete(element)
    watch?.unobserve(element)
  }
}

/** The cell with the course of what the Task is about, small. Its place is there from the beginning, so that nothing moves when it comes. */
export function RowTrend({ row, trends }: { row: Row; trends: RowTrends }) {
  const holder = useRef<HTMLTableCellElement>(null)
  const [isSeen, setIsSeen] = useState(false)
  const patient = row.patientId ?? ''
  const focus = /^Observation\/(.+)$/.exec(row.task.focus?.reference ?? '')?.[1]
  useEffect(() => {
    if (holder.current) return whenSeen(holder.current, () => setIsSeen(true))
  }, [])
  useEffect(() => {
    if (isSeen && patient) trends.want(patient, focus)
  }, [isSeen, patient, focus, trends])
  const observations = useSyncExternalStore(
    (listener) => trends.subscribe(patient, listener),
    () => trends.current(patient),
  )
  return (
    // biome-ignore lint/a11y/noRedundantRoles: as the row's other cells
    <td role="cell" ref={holder} className="cell-trend row-trend">
      {isSeen && observations && observations.length > 0 && (
        <Suspense fallback={null}>
          <Sparkline observations={observations} focus={focus} />
        </Suspense>
      )}
    </td>
  )
}
