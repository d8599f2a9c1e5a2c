/** Whether a text is what we give out as a uuid: PostgreSQL refuses a whole statement for one that is none. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
