import { BodyShort } from '@navikt/ds-react'
import type { ReactNode } from 'react'
import type { Measure, Point } from '../../measures/measures.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { PATIENT_TEXTS } from './texts.ts'
import { useMeasureWords } from './use-measure-words.ts'

type Props = { measure: Measure; point: Point | undefined; pictures: (point: Point) => ReactNode }

/** Of the value that is pointed at: when, how much, how it stood to the limits of that time, and where it came from. Always there, so that nothing jumps. */
export function PointDetails({ measure, point, pictures }: Props) {
  const text = useTexts(PATIENT_TEXTS)
  const words = useMeasureWords()
  return (
    <BodyShort size="small" as="div" className="point-details" aria-live="polite">
      {point ? (
        <>
          <strong>
            {words.value(point, measure)} {measure.unit}
          </strong>
          <span>{text(point.isInvalid ? 'invalid' : point.zone)}</span>
          <span>
            <Moment at={point.at} />
          </span>
          {(point.limits.red || point.limits.yellow) && (
            <span>{text('limitsThen', { limits: words.limits(point.limits, measure) })}</span>
          )}
          <span>{words.source(point.source)}</span>
          {point.note && <span>«{point.note}»</span>}
          {pictures(point)}
        </>
      ) : (
        <span className="quiet">{text('pointHint')}</span>
      )}
    </BodyShort>
  )
}
