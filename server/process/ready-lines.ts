import type { Config } from '../settings/config.ts'

/** The line that says that all is up, and what to do next. Scripts wait for the first line: it does not change. */
export function readyLines({ baseUrl, demo }: Pick<Config, 'baseUrl' | 'demo'>): string[] {
  const lines = [
    `Fylgje is ready at ${baseUrl}`,
    `  Start page   ${baseUrl}/`,
    `  FHIR base    ${baseUrl}/fhir`,
    `  Metadata     ${baseUrl}/fhir/metadata`,
  ]
  if (!demo) return lines
  return [
    ...lines,
    '  Demo logins, for made-up data only; set DEMO=off to have none:',
    '    Kari Nordlys, nurse     one click on the start page',
    '    Henrik Skogvei, GP      one click where the clinician app signs in',
    '    Line Danser, patient    one click on the start page',
    '    demo-service / demo-service-secret   client_credentials, scope system/*.cruds',
    '    demo-admin / demo-admin-secret       client_credentials, registers clients at /auth/register',
  ]
}
