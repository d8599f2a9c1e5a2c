import { Heading } from '@navikt/ds-react'
import { type ReactNode, useEffect, useRef } from 'react'

/** Where a step begins. Whoever reads by ear is told that the page has changed: it is where they are when it is shown. */
export function StepHeading({ id, children }: { id?: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <Heading size="medium" level="2" {...(id && { id })} ref={heading} tabIndex={-1}>
      {children}
    </Heading>
  )
}
