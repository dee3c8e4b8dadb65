import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { booking as api, type Booking, type BookingStatus } from '@/api'

const OVER: readonly BookingStatus[] = ['cancelled', 'expired', 'declined']
const DONE: readonly BookingStatus[] = ['completed', 'no_show']

/** The user's bookings, kept fresh by lists, answers to actions and live events alike. */
export const useBookings = defineStore('bookings', () => {
  const byId = ref(new Map<string, Booking>())
  const nextCursor = ref<string | null>(null)
  const now = ref(Date.now())

  /** Keep a newer state; a lower revision than the known one is late news and ignored. */
  function upsert(next: Booking): void {
    const known = byId.value.get(next.id)
    if (known?.revision !== undefined && next.revision !== undefined && next.revision < known.revision) return
    byId.value.set(next.id, { ...known, ...next })
  }

  async function load(more = false): Promise<void> {
    const page = await api.list(more ? (nextCursor.value ?? undefined) : undefined)
    if (!more) byId.value = new Map()
    page.items.forEach(upsert)
    nextCursor.value = page.next_cursor
    now.value = Date.now()
  }

  function clear(): void {
    byId.value = new Map()
    nextCursor.value = null
  }

  const all = computed(() => [...byId.value.values()])
  const coming = (item: Booking) =>
    !OVER.includes(item.status) && !DONE.includes(item.status) && Date.parse(item.end) > now.value
  const upcoming = computed(() => all.value.filter(coming).sort((a, b) => Date.parse(a.start) - Date.parse(b.start)))
  const cancelled = computed(() => all.value.filter((item) => OVER.includes(item.status)).sort(newest))
  const past = computed(() => all.value.filter((item) => !coming(item) && !OVER.includes(item.status)).sort(newest))

  return { byId, nextCursor, now, all, upcoming, past, cancelled, upsert, load, clear }
})

function newest(a: Booking, b: Booking): number {
  return Date.parse(b.start) - Date.parse(a.start)
}
