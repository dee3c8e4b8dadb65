import { defineInfiniteQueryOptions, defineQueryOptions } from '@pinia/colada'
import { catalog, geo, type SpaceList, type SpaceQuery } from '@/api'
import type { ProblemError } from '@/api/problem'

/** Names come translated: each language is another answer. */
export const citiesQuery = defineQueryOptions((locale: string) => ({
  key: ['cities', locale],
  query: ({ signal }) => geo.cities(signal),
  staleTime: Infinity,
}))

interface Layer {
  locale: string
  city: string | undefined
}
export const districtsQuery = defineQueryOptions(({ locale, city }: Layer) => ({
  key: ['districts', locale, city ?? ''],
  query: ({ signal }) => geo.districts(city ?? '', signal),
  enabled: !!city,
  staleTime: Infinity,
}))
export const stopsQuery = defineQueryOptions(({ locale, city }: Layer) => ({
  key: ['stops', locale, city ?? ''],
  query: ({ signal }) => geo.stops(city ?? '', signal),
  enabled: !!city,
  staleTime: Infinity,
}))

export const PAGE = 20
/** As many as one page may carry; the map says so when there are more. */
export const PINS = 100

interface Listed {
  locale: string
  filters: SpaceQuery
}
export interface SpacesPart {
  cursor?: string
  limit: number
}
/** The list, page by page; `first` says how many its first page has. */
type FirstPart = Listed & { first: number }
export const spacesQuery = defineInfiniteQueryOptions<FirstPart, SpaceList, ProblemError, SpacesPart>(
  ({ locale, filters, first }: FirstPart) => ({
    key: ['spaces', locale, filters],
    query: ({ pageParam, signal }) => catalog.spaces({ ...filters, ...pageParam }, signal),
    initialPageParam: { limit: first },
    getNextPageParam: (page) => (page.next_cursor ? { cursor: page.next_cursor, limit: PAGE } : null),
  }),
)
/** What the map shows of a list that is longer than its first page. */
export const pinsQuery = defineQueryOptions(({ locale, filters }: Listed) => ({
  key: ['spaces', locale, filters, 'pins'],
  query: ({ signal }) => catalog.spaces({ ...filters, limit: PINS }, signal),
}))
