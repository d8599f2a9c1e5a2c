import { Heading } from '@navikt/ds-react'
import type { ReactNode } from 'react'

/** One part of what is told of a Task, under its heading. */
export function Card({ title, className = '', children }: { title: string; className?: string; children: ReactNode }) {
  return (
    <section className={`task-card ${className}`} aria-label={title}>
      <Heading size="xsmall" level="3">
        {title}
      </Heading>
      {children}
    </section>
  )
}
