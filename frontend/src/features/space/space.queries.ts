import { defineQueryOptions } from '@pinia/colada'
import { booking, catalog } from '@/api'
import { addDays, dayBounds, todayIn } from '@/lib/time'
import { slotsOf } from './slots'

/** A space by its slug or its id, in the language of the page. */
export const spaceQuery = defineQueryOptions(({ locale, slug }: { locale: string; slug: string }) => ({
  key: ['space', locale, slug],
  query: ({ signal }) => catalog.space(slug, signal),
}))

/** The slots of a resource on one local date, for so many seats; `longest` is the longest stay in minutes. */
export type AvailabilityRequest = {
  resource: string
  date: string
  zone: string
  seats: number
  longest?: number | null
}

/** What is free is true only now: it is not kept once nobody looks at it. Nothing of it is in any language. */
export const availabilityQuery = defineQueryOptions((request: AvailabilityRequest | null) => ({
  key: ['availability', request],
  enabled: request !== null,
  staleTime: 0,
  gcTime: 0,
  query: async ({ signal }) => {
    if (!request) return []
    const { resource, date, zone, seats, longest } = request
    const { from } = dayBounds(date, zone)
    // A night ends on the next date.
    const { to } = dayBounds(addDays(date, 1), zone)
    const answer = await booking.availability(resource, from, to, seats, signal)
    return slotsOf(answer.slots, date, zone, todayIn(zone), longest)
  },
}))
