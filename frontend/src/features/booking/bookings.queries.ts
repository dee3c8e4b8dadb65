import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { defineStore } from 'pinia'
import {
  defineInfiniteQueryOptions,
  defineQueryOptions,
  useInfiniteQuery,
  useQueryCache,
  type UseInfiniteQueryData,
  type UseQueryEntry,
} from '@pinia/colada'
import { booking as api, type Booking, type BookingPage, type BookingStatus } from '@/api'
import { useSession } from '@/features/auth'
import { PERSONAL } from '@/lib/queries'

const OVER: readonly BookingStatus[] = ['cancelled', 'expired', 'declined']
const DONE: readonly BookingStatus[] = ['completed', 'no_show']

/** Under these keys lies everything that says how a booking is, whoever said it: see `useBookings`. */
const LISTS = [PERSONAL, 'bookings', 'list']
const SINGLE = [PERSONAL, 'bookings', 'single']
const TOLD = [PERSONAL, 'bookings', 'told']

const bookingListQuery = defineInfiniteQueryOptions((locale: string) => ({
  key: [...LISTS, locale],
  query: ({ pageParam, signal }) => api.list(pageParam || undefined, signal),
  initialPageParam: '',
  getNextPageParam: (page: BookingPage) => page.next_cursor,
  staleTime: 0,
}))

/** Ask for the reader's bookings, page by page; for nothing in the moment between signing out and leaving the page. */
export function useBookingList() {
  const { locale } = useI18n()
  const session = useSession()
  return useInfiniteQuery(() => ({ ...bookingListQuery(locale.value), enabled: session.signedIn }))
}

export const bookingQuery = defineQueryOptions(({ locale, id }: { locale: string; id: string }) => ({
  key: [...SINGLE, locale, id],
  query: ({ signal }) => api.one(id, signal),
  staleTime: 0,
}))

/** What would come back if the booking was cancelled now; money is asked for anew each time. */
export const cancellationQuery = defineQueryOptions((id: string) => ({
  key: [PERSONAL, 'cancellation', id],
  query: ({ signal }) => api.cancellation(id, signal),
  staleTime: 0,
  gcTime: 0,
}))

/** The newer of two states of a booking: a lower revision than the known one is late news. */
function newer(known: Booking | undefined, next: Booking): Booking {
  if (!known) return next
  const late = known.revision !== undefined && next.revision !== undefined && next.revision < known.revision
  return late ? { ...next, ...known } : { ...known, ...next }
}

/** All bookings of an answer; of pages, or of one. */
function bookingsOf(entry: UseQueryEntry): Booking[] {
  const data = entry.state.value.data as UseInfiniteQueryData<BookingPage, string> | Booking | undefined
  if (!data) return []
  return 'pages' in data ? data.pages.flatMap((page) => page.items) : [data]
}

/** The newest that is known of each booking the reader may see, by lists, single answers, actions and live events. */
export const useBookings = defineStore('bookings', () => {
  const cache = useQueryCache()
  const now = ref(Date.now())

  const byId = computed(() => {
    const known = new Map<string, Booking>()
    const answers = cache.getEntries({ key: [PERSONAL, 'bookings'] }).map((entry) => ({
      when: entry.when,
      items: bookingsOf(entry),
    }))
    for (const { items } of answers.sort((a, b) => a.when - b.when))
      for (const item of items) known.set(item.id, newer(known.get(item.id), item))
    return known
  })

  /** Take what an action or a live event says of a booking. */
  function upsert(next: Booking): void {
    cache.setQueryData<Booking>([...TOLD, next.id], (known) => newer(known, next))
  }

  /** The reader's own, as the list has them; not those of their renters, which an owner may have looked at. */
  const all = computed(() => [...byId.value.values()].filter((item) => item.mine !== false))
  const coming = (item: Booking) =>
    !OVER.includes(item.status) && !DONE.includes(item.status) && Date.parse(item.end) > now.value
  const upcoming = computed(() => all.value.filter(coming).sort((a, b) => Date.parse(a.start) - Date.parse(b.start)))
  const cancelled = computed(() => all.value.filter((item) => OVER.includes(item.status)).sort(newest))
  const past = computed(() => all.value.filter((item) => !coming(item) && !OVER.includes(item.status)).sort(newest))

  return { byId, now, all, upcoming, past, cancelled, upsert }
})

function newest(a: Booking, b: Booking): number {
  return Date.parse(b.start) - Date.parse(a.start)
}
