import { defineQueryOptions } from '@pinia/colada'
import { auth } from '@/api'
import { PERSONAL } from '@/lib/queries'

export const SESSIONS = [PERSONAL, 'sessions']

/** Where the reader is signed in; places are named in the language of the page. */
export const sessionsQuery = defineQueryOptions((locale: string) => ({
  key: [...SESSIONS, locale],
  query: ({ signal }) => auth.sessions(signal),
  staleTime: 0,
}))
