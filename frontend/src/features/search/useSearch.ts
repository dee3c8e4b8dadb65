import { computed, shallowRef, watchEffect } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { SpaceQuery, Per, ResourceKind } from '@/api'
import { KINDS, PERS } from '@/lib/resource'

export const SORTS = ['newest', 'price', '-price', 'title'] as const
export type Sort = (typeof SORTS)[number]

export interface Filters {
  city?: string
  district?: string
  kind?: ResourceKind
  amenities: string[]
  price_min?: string
  price_max?: string
  per: Per
  sort: Sort
}

function one(value: LocationQuery[string] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value
  return first || undefined
}

function price(value: string | undefined): string | undefined {
  return value && /^\d{1,9}([.]\d{1,2})?$/.test(value) ? value : undefined
}

/** The prices of an address that asks for nothing at all, a lower one above the upper one; null for any other. */
export function contradiction(query: LocationQuery): { min: string; max: string } | null {
  const [min, max] = [price(one(query.price_min)), price(one(query.price_max))]
  return min && max && Number(min) > Number(max) ? { min, max } : null
}

/** What the address asks for; words it does not know are as good as absent, prices that contradict each other too. */
export function readFilters(query: LocationQuery): Filters {
  const sane = !contradiction(query)
  return {
    city: one(query.city),
    district: one(query.district),
    kind: KINDS.find((kind) => kind === one(query.kind)),
    amenities: (one(query.amenities) ?? '').split(',').filter(Boolean),
    price_min: sane ? price(one(query.price_min)) : undefined,
    price_max: sane ? price(one(query.price_max)) : undefined,
    per: PERS.find((per) => per === one(query.per)) ?? 'hour',
    sort: SORTS.find((sort) => sort === one(query.sort)) ?? 'newest',
  }
}

function priced(filters: Filters): boolean {
  return !!(filters.price_min || filters.price_max || filters.sort.endsWith('price'))
}

export function toQuery(filters: Filters): SpaceQuery {
  const { per, ...rest } = filters
  // Without a price asked for, the unit would only leave places out.
  return priced(filters) || per !== 'hour' ? { ...rest, per } : rest
}

/** Filters in the address, and how to change them. */
export function useFilters() {
  const route = useRoute()
  const router = useRouter()
  // The list is kept while its reader looks at a place: the address of another page is none of its business.
  const query = shallowRef<LocationQuery>(route.query)
  watchEffect(() => {
    if (route.name === 'search') query.value = route.query
  })
  const filters = computed(() => readFilters(query.value))
  const dropped = computed(() => contradiction(query.value))
  const count = computed(() => {
    const { district, kind, amenities, price_min, price_max } = filters.value
    return [district, kind, price_min || price_max].filter(Boolean).length + amenities.length
  })

  function set(patch: Partial<Filters>): void {
    const next: Record<string, unknown> = {
      ...route.query,
      ...(dropped.value ? { price_min: undefined, price_max: undefined } : {}),
      ...patch,
    }
    if (patch.amenities) next.amenities = patch.amenities.join(',')
    if (patch.per === 'hour') next.per = undefined
    if (patch.sort === 'newest') next.sort = undefined
    const query = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ''))
    void router.push({ query: query as LocationQuery })
  }
  const clear = () =>
    set({
      district: undefined,
      kind: undefined,
      amenities: [],
      price_min: undefined,
      price_max: undefined,
      per: 'hour',
    })
  return { filters, dropped, count, set, clear }
}
