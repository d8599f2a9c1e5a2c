import { useMemo, useRef } from 'react'
import { endedAt } from '../../../server/core/decide/task/task-end.ts'
import { isOfPatient, isOpen } from '../../../server/core/decide/task/task-status.ts'
import { keptRows } from './kept-rows.ts'
import { type Row, toRow, withNames } from './row.ts'
import { midnight, type OpenTasks } from './use-open-tasks.ts'

/** The rows of what is known, with those that say the same as before kept as they were. */
export function useRows(data: OpenTasks | undefined): Row[] {
  const before = useRef<ReadonlyMap<string, Row>>(new Map())
  return useMemo(() => {
    const rows = keptRows(before.current, rowsOf(data))
    before.current = new Map(rows.map((row) => [row.id, row]))
    return rows
  }, [data])
}

const rowsOf = (data: OpenTasks | undefined): Row[] =>
  // What patients are asked to do is theirs. What was written today may have ended long ago, such as what comes from another system.
  data
    ? withNames(
        [...data.tasks.values()]
          .filter((task) => !isOfPatient(task) && (isOpen(task) || endedAt(task) >= midnight().getTime()))
          .map((task) => toRow(task, data.patients)),
        data.names,
      )
    : []
