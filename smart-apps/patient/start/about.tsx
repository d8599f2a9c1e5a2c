import { useTexts } from '../../texts/use-texts.ts'
import { START_TEXTS } from './texts.ts'

/** What this is, and what it is not. Said before anybody has signed in, and once more to whoever begins. */
export function About({ level }: { level: 2 | 3 }) {
  const text = useTexts(START_TEXTS)
  const Title = `h${level}` as const
  return (
    <>
      <ul className="plain-list">
        <li>{text('is1')}</li>
        <li>{text('is2')}</li>
        <li>{text('is3')}</li>
      </ul>
      <div className="zone-card" data-zone="yellow">
        <Title>{text('isNot')}</Title>
        <p>{text('isNotHelp')}</p>
      </div>
    </>
  )
}
