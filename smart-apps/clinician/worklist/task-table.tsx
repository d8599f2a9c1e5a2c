import { Fragment } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import type { Group, Row } from './row.ts'
import type { RowTrends } from './row-trends.ts'
import { type RowActs, TaskRow } from './task-row.tsx'
import { WORKLIST_TEXTS } from './texts.ts'

type TableProps = {
  ref: React.Ref<HTMLTableElement>
  groups: readonly Group[]
  rowProps: (row: Row) => {
    isSelected: boolean
    isBusy: boolean
    isEnding: boolean
    isCurrent: boolean
    isOpened: boolean
  }
  unfolded: ReadonlySet<string>
  onCurrent: (id: string) => void
  me: string | undefined
  mayChange: boolean
  hasTeams: boolean
  pathwayName: (pathway: string) => string
  now: Date
  acts: RowActs
  trends: RowTrends
}

/** A row for each patient, by the Task that is the most urgent; unfolded, the others below it. */
export function TaskTable({ ref, groups, rowProps, unfolded, onCurrent, ...rest }: TableProps) {
  const text = useTexts(WORKLIST_TEXTS)
  const focused = (target: EventTarget) => {
    const id = (target as HTMLElement).closest<HTMLElement>('[data-id]')?.dataset.id
    if (id) onCurrent(id)
  }
  return (
    // The roles are said because on a phone its rows are cards, which are no table for a browser.
    <table
      ref={ref}
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="table"
      className="tasks"
      aria-label={text('title')}
      onFocus={({ target }) => focused(target)}
    >
      {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
      <thead role="rowgroup">
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <tr role="row">
          <td />
          {(['zone', 'patient', 'why', 'trend', 'waited', 'deadline', 'who'] as const).map((name) => (
            // biome-ignore lint/a11y/noRedundantRoles: as above
            <th key={name} role="columnheader" scope="col" className={`col-${name}`}>
              {text(name)}
            </th>
          ))}
          {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
          <th role="columnheader" scope="col" className="col-acts">
            <span className="visually-hidden">{text('actions')}</span>
          </th>
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
      <tbody role="rowgroup">
        {groups.map(({ id, first, more }) => {
          const isUnfolded = unfolded.has(id)
          const inner = isUnfolded ? more : []
          return (
            // By the patient, and not by its place: what comes or goes above must not draw it anew, with the focus and the menu in it.
            <Fragment key={id}>
              <TaskRow
                key={first.id}
                row={first}
                moreCount={more.length}
                isUnfolded={isUnfolded}
                isInner={false}
                {...rowProps(first)}
                {...rest}
              />
              {inner.map((row) => (
                <TaskRow key={row.id} row={row} moreCount={0} isUnfolded={false} isInner {...rowProps(row)} {...rest} />
              ))}
            </Fragment>
          )
        })}
      </tbody>
    </table>
  )
}
