import { useState } from 'react'
import LimitsPanel from '../patient/limits-panel.tsx'
import type { Person } from '../patient/patient-data.ts'
import { PlanWorkPanel } from './plan-work-panel.tsx'
import './plan.css'

/** What somebody is followed by, what can be changed of it, and how it came to be so. */
export default function PlanTab({ person, onChanged }: { person: Person; onChanged: () => void }) {
  const [turn, setTurn] = useState(0)
  return (
    <>
      <PlanWorkPanel
        person={person}
        onChanged={() => {
          setTurn((count) => count + 1)
          onChanged()
        }}
      />
      <LimitsPanel key={turn} person={person} />
    </>
  )
}
