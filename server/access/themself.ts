import type { Access } from './access.ts'

/** Whether somebody has signed in whose own record this is, or the parent of a child under twelve. Next of kin and systems are not. */
export const isThemself = ({ standing }: Access, patient: string): boolean =>
  (standing?.records ?? []).some((one) => one.patient === patient && (one.as === 'self' || one.as === 'guardian'))
