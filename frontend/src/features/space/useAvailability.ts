import { ref, shallowRef, watch } from 'vue'
import { booking, type Slot } from '@/api'
import { toProblem, type ProblemError } from '@/api/problem'
import { slotsOf } from './slots'
import { addDays, dayBounds, todayIn } from '@/lib/time'

export interface Wanted {
  resource: string
  date: string
  zone: string
  seats: number
  longest?: number | null
}

/** The slots of one local date; asked anew when what is wanted changes, and on demand. */
export function useAvailability(wanted: () => Wanted | null) {
  const slots = shallowRef<Slot[]>([])
  const loading = ref(false)
  const loaded = ref(false)
  const problem = shallowRef<ProblemError | null>(null)
  let abort = new AbortController()

  async function load(): Promise<void> {
    const asked = wanted()
    abort.abort()
    const { signal } = (abort = new AbortController())
    if (!asked) {
      slots.value = []
      loaded.value = false
      return
    }
    loading.value = true
    problem.value = null
    try {
      const { from } = dayBounds(asked.date, asked.zone)
      // A night ends on the next date.
      const { to } = dayBounds(addDays(asked.date, 1), asked.zone)
      const answer = await booking.availability(asked.resource, from, to, asked.seats, signal)
      if (signal.aborted) return
      slots.value = slotsOf(answer.slots, asked.date, asked.zone, todayIn(asked.zone), asked.longest)
      loaded.value = true
    } catch (error) {
      if (signal.aborted) return
      slots.value = []
      problem.value = toProblem(error)
    } finally {
      if (!signal.aborted) loading.value = false
    }
  }

  watch(
    () => JSON.stringify(wanted()),
    () => void load(),
    { immediate: true },
  )
  return { slots, loading, loaded, problem, load }
}
