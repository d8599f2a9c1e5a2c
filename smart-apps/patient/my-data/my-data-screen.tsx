import { Button, Heading } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { useSigned } from '../me-context.ts'
import { isKin } from '../sign-in/whose.ts'
import { AccessLog } from './access-log.tsx'
import { Download } from './download.tsx'
import { Restriction } from './restriction.tsx'
import { MY_DATA_TEXTS } from './texts.ts'
import { WhoMaySee } from './who-may-see.tsx'

/** For next of kin their own apps alone. For a patient who has looked, who may not, which apps may, and everything to take along. Only with a net: it must be of now. */
export default function MyDataScreen() {
  const text = useTexts(MY_DATA_TEXTS)
  const { session } = useSigned()
  const kin = isKin(session)
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      {!kin && <AccessLog />}
      {!kin && <WhoMaySee />}
      {!kin && <Restriction />}
      <section className="card">
        <Heading size="small" level="2">
          {text('apps')}
        </Heading>
        <p>{text('appsHelp')}</p>
        <Button as="a" variant="secondary" href={new URL('../account/apps', `${session.iss}/`).href}>
          {text('openApps')}
        </Button>
      </section>
      {!kin && <Download />}
      <p>{text('complain')}</p>
    </>
  )
}
