import { computed, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useInfiniteQuery, useQuery } from '@pinia/colada'
import type { Facets, SpaceCard } from '@/api'
import { lastAnswer, problemOf } from '@/lib/queries'
import { PAGE, PINS, pinsQuery, spacesQuery } from './search.queries'
import { toQuery, type Filters } from './useSearch'

const SHOWN = 'mesto.shown'

/**
 * The list for the filters of the address, page by page: the one before stays until a new one has come. `pinned` says
 * that the map wants as many of the places as it can get.
 */
export function useSpaces(filters: () => Filters, ready: () => boolean, pinned: () => boolean) {
  const { locale } = useI18n()
  const asked = computed(() => ({ locale: locale.value, filters: toQuery(filters()) }))
  /** How many were shown, beside the place of scrolling: a reload shows as many, and so does the other language. */
  let before = Math.min(PINS, Number((history.state as Record<string, unknown> | null)?.[SHOWN]) || 0)
  const list = useInfiniteQuery(() => ({
    ...spacesQuery({ ...asked.value, first: Math.max(PAGE, before) }),
    enabled: ready(),
  }))
  const shown = lastAnswer(list)
  const items = computed<SpaceCard[]>(() => shown.value?.pages.flatMap((page) => page.items) ?? [])
  watch(list.data, (found) => {
    if (!found) return
    before = 0
    history.replaceState({ ...history.state, [SHOWN]: items.value.length }, '')
  })
  watch(locale, () => (before = Math.min(PINS, items.value.length)), { flush: 'sync' })
  const facets = computed<Facets>(() => shown.value?.pages[0]?.facets ?? {})
  const total = computed(() => shown.value?.pages[0]?.total ?? null)
  const loading = computed(() => list.isLoading.value && !list.data.value)
  const loadingMore = computed(() => list.isLoading.value && !!list.data.value)
  const hasMore = computed(() => !!shown.value?.pages.at(-1)?.next_cursor)

  const page = computed(() => list.data.value?.pages[0])
  const places = useQuery(() => ({
    ...pinsQuery(asked.value),
    enabled: pinned() && !!page.value && page.value.total > page.value.items.length,
  }))
  /** Where more cannot be had the map shows the list's own places, which is no less true. */
  const pins = computed<SpaceCard[]>((last) => places.data.value?.items ?? page.value?.items ?? last ?? [])

  return {
    items,
    pins,
    facets,
    total,
    hasMore,
    loading,
    loadingMore,
    problem: problemOf(list),
    load: () => list.refetch(),
    more: () => list.loadNextPage(),
  }
}
