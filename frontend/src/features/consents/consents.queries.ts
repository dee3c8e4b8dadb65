import { computed } from 'vue'
import { defineQueryOptions, useQuery, useQueryCache } from '@pinia/colada'
import { consents as api, type Consents, type TextName } from '@/api'
import { sameSession } from '@/api/http'
import { useSession } from '@/features/auth'
import { PERSONAL } from '@/lib/queries'

/** Texts change seldom: whoever stays on a page for long hears of it when they open the app the next time. */
const FRESH_MS = 300_000

const consentsQuery = defineQueryOptions(() => ({
  key: [PERSONAL, 'consents'],
  query: ({ signal }: { signal: AbortSignal }) => api.list(signal),
  staleTime: FRESH_MS,
}))

/** What the reader should look at again, and agreeing to it; nothing for strangers. */
export function useConsents() {
  const session = useSession()
  const cache = useQueryCache()
  const query = useQuery(() => ({ ...consentsQuery(), enabled: session.signedIn }))
  const due = computed<Consents['due']>(() => (session.signedIn ? (query.data.value?.due ?? []) : []))

  /** Agree to a version of a text on a page (its path). Raises the problem. */
  async function agree(text: TextName, version: string, page: string): Promise<void> {
    const same = sameSession()
    const now = await api.give({ text, version, page })
    if (same()) cache.setQueryData(consentsQuery().key, now)
  }
  return { due, agree }
}
