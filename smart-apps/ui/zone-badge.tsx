import { useTexts } from '../texts/use-texts.ts'
import { ZONE_TEXTS, type Zone } from './zone.ts'

/** A shape for each: whoever does not see colours, or prints in black and white, sees the same. */
const SHAPES = {
  red: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
      <path className="sign" d="M8 4.2v4.6M8 11.4v.4" />
    </>
  ),
  yellow: (
    <>
      <path d="M8 1.2 15.4 14.6H.6z" />
      <path className="sign" d="M8 6v3.6M8 12v.3" />
    </>
  ),
  grey: (
    <>
      <circle className="dashed" cx="8" cy="8" r="6.4" />
      <path className="sign" d="M5.4 8h5.2" />
    </>
  ),
  green: (
    <>
      <circle cx="8" cy="8" r="7" />
      <path className="sign" d="M4.9 8.2l2.1 2.1 4.1-4.4" />
    </>
  ),
}

export const ZoneShape = ({ zone }: { zone: Zone }) => (
  <svg className="zone-shape" data-zone={zone} viewBox="0 0 16 16" aria-hidden="true">
    {SHAPES[zone]}
  </svg>
)

/** Colour, shape and word, always all three. */
export function ZoneBadge({ zone }: { zone: Zone }) {
  const text = useTexts(ZONE_TEXTS)
  return (
    <span className="zone-badge" data-zone={zone}>
      <ZoneShape zone={zone} />
      {text(zone)}
    </span>
  )
}
