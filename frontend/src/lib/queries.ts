import { computed, type ComputedRef, type Ref } from 'vue'
import type { PiniaColadaOptions, PiniaColadaPluginContext, QueryCache, UseQueryOptionsGlobal } from '@pinia/colada'
import { toProblem, type ProblemError } from '@/api/problem'

declare module '@pinia/colada' {
  interface TypesConfig {
    defaultError: ProblemError
  }
}

/** How pages ask unless they say otherwise. What failed is tried again by its ProblemAlert, not by each query. */
const QUERY_OPTIONS: UseQueryOptionsGlobal = { refetchOnWindowFocus: false, refetchOnReconnect: false }

/** The keys of everything that belongs to whoever is signed in begin with this word; nobody else ever sees it. */
export const PERSONAL = 'personal'

/**
 * Forget what was answered to whoever was signed in, and do not listen to what is still on its way to them. An entry
 * that a page still shows is emptied, but stays: removed, it would take the next of its key with it when it is left.
 */
export function dropPersonal(cache: QueryCache): void {
  for (const entry of cache.getEntries({ key: [PERSONAL] })) {
    cache.cancel(entry)
    cache.setEntryState(entry, { status: 'pending', data: undefined, error: null })
    entry.when = 0
    if (!entry.active) cache.remove(entry)
  }
}

/** What was aborted is asked again by whoever needs it at once, instead of being waited for by them as well. */
function askAfterAbort({ queryCache }: PiniaColadaPluginContext): void {
  queryCache.$onAction(({ name, args }) => {
    if (name === 'refresh' && args[0].pending?.abortController.signal.aborted) queryCache.cancel(args[0])
  })
}

/** How the app (and each test) sets up the cache. */
export const COLADA: PiniaColadaOptions = { queryOptions: QUERY_OPTIONS, plugins: [askAfterAbort] }

interface Asked<T> {
  data: Readonly<Ref<T | undefined>>
  error: Readonly<Ref<ProblemError | null>>
  isLoading: Readonly<Ref<boolean>>
}

/** The answer to a question and, while it is another question that is not answered yet, the answer before it. */
export function lastAnswer<T>(query: Asked<T>): ComputedRef<T | undefined> {
  return computed<T | undefined>((before) => query.data.value ?? before)
}

/** What kept a question from its answer; null while it is asked again. */
export function problemOf(query: Asked<unknown>): ComputedRef<ProblemError | null> {
  return computed(() => (query.error.value && !query.isLoading.value ? toProblem(query.error.value) : null))
}
