/** A FHIR server that an app may be launched from, and as whom the app is known there. */
export type AppIssuer = {
  /** The FHIR base, without a slash at the end. */
  iss: string
  clientId: string
  /** What it asks for there, when not what the app itself would. */
  scope?: string
  /** Origins beside that of `iss` that the app calls, such as that of the token endpoint. */
  origins?: readonly string[]
  /** Whether its sign-in can stand in the frame that the app stands in, because it asks nobody anything there. Else it is a window of its own. */
  signsInFramed?: boolean
}

/** What an app must know before anybody has signed in, as it reads it from `settings.json`. Nothing in it is secret. */
export type AppSettings = {
  /** No other `iss` is accepted: a foreign one could harvest logins. */
  issuers: readonly AppIssuer[]
  /** Whether `/demo/session` signs people in with one click. */
  demo: boolean
  /** After so long without a sign of anybody the clinicians’ app asks anew who is there. */
  idleMinutes: number
}

/** What stands in APP_ISSUERS: an entry is for all apps, or for those that it names, which are registered there each by itself. */
export type ConfiguredIssuer = AppIssuer & { apps?: readonly string[] }

/** The servers that one app may be launched from. */
export const issuersOf = (app: string, issuers: readonly ConfiguredIssuer[]): AppIssuer[] =>
  issuers.flatMap(({ apps, ...issuer }) => (apps === undefined || apps.includes(app) ? [issuer] : []))

/** Of what other origins the app asks something. */
export const originsOf = ({ issuers }: AppSettings): string[] => [
  ...new Set(issuers.flatMap(({ iss, origins = [] }) => [new URL(iss).origin, ...origins])),
]
