CodeSystem: AuditEventKind
Id: audit-event
Title: "Slag hendelse i loggen"
Description: "AuditEvent.subtype where no published code says it."
* insert Worded([[Slag hending i loggen]], [[Kind of event in the audit]], [[AuditEvent.subtype der ingen publisert kode sier det.]], [[AuditEvent.subtype der ingen publisert kode seier det.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #unknown "Ukjent forespørsel" "A request that leads nowhere."
* #unknown insert Designated("Ukjend førespurnad", "Unknown request")
* #received "Logghendelse mottatt" "An AuditEvent of another system was kept."
* #received insert Designated("Logghending motteken", "AuditEvent received")
* #export "Uttrekk av data" "Data left in one piece."
* #export insert Designated("Uttrekk av data", "Export of data")
* #subscription-notice "En abonnent ble varslet" "A subscriber was told of changes, by an endpoint or a socket."
* #subscription-notice insert Designated("Ein abonnent vart varsla", "A subscriber was told of changes")
* #audit-export "Uttrekk av loggen" "The audit, or a part of it, was taken out."
* #audit-export insert Designated("Uttrekk av loggen", "Export of the audit")
* #sent "Sendt til et annet system" "A message about a patient goes to a national service."
* #sent insert Designated("Sendt til eit anna system", "Sent to another system")
* #break-glass "Journal åpnet uten behandlingsrelasjon" "With a reason, and for a time."
* #break-glass insert Designated("Journal opna utan behandlingsrelasjon", "Record opened outside of the care relation")
* #open-restricted "Sperrede opplysninger åpnet" "With a reason, and for a time."
* #open-restricted insert Designated("Sperra opplysningar opna", "Restricted information opened")
* #token-issued "Tilgangsnøkkel gitt" "An app was given an access token."
* #token-issued insert Designated("Tilgangsnøkkel gitt", "Access token issued")
* #token-refused "Tilgangsnøkkel nektet" "An app was not given the access token that it asked for."
* #token-refused insert Designated("Tilgangsnøkkel nekta", "Access token refused")
* #throttled "Holdt igjen etter for mange forespørsler" "Answered with 429."
* #throttled insert Designated("Halden att etter for mange førespurnader", "Held up for asking too often")
* #locked-out "Låst ute etter for mange feil" "A sign-in or a client is held up for a time."
* #locked-out insert Designated("Låst ute etter for mange feil", "Locked out for failing too often")
* #token-revoked "Tilgangsnøkkel trukket tilbake" "Tokens of an app are no longer worth anything."
* #token-revoked insert Designated("Tilgangsnøkkel trekt tilbake", "Token revoked")
* #app-allowed "En person har sluppet inn en app" "By consent, for what was shown."
* #app-allowed insert Designated("Ein person har sleppt inn ein app", "A person has let an app in")
* #app-refused "En person har ikke sluppet inn en app" "At the page of consent."
* #app-refused insert Designated("Ein person har ikkje sleppt inn ein app", "A person has not let an app in")
* #app-withdrawn "En person har stengt ute en app" "What it had been let in for is over."
* #app-withdrawn insert Designated("Ein person har stengt ute ein app", "A person has shut an app out")
* #client-registered "Klient registrert" "By an administrator."
* #client-registered insert Designated("Klient registrert", "Client registered")
* #client-changed "Klient endret" "By an administrator."
* #client-changed insert Designated("Klient endra", "Client changed")
* #client-removed "Klient fjernet" "By an administrator."
* #client-removed insert Designated("Klient fjerna", "Client removed")
* #keys-rotated "Nye signeringsnøkler" "On schedule, or by command."
* #keys-rotated insert Designated("Nye signeringsnøklar", "Signing keys made")
* #log-read "En pasient har sett hvem som har sett" "The own log of a patient was read."
* #log-read insert Designated("Ein pasient har sett kven som har sett", "A patient has seen who had looked")
* #seal "Hodene av loggens kjeder" "By which a chain that was cut short is found."
* #seal insert Designated("Hovuda av kjedene i loggen", "Heads of the chains of the audit")
* #retention "En måned av loggen slettet" "As the time for which it is kept was over."
* #retention insert Designated("Ein månad av loggen sletta", "Month of the audit dropped")
