import { computed, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Resource, Space } from '@/api'
import { bookedWhole } from '@/lib/resource'
import { addDays, isDate, openState, todayIn } from '@/lib/time'
import { useForm, useRules } from '@/ui/useForm'
import { useFormat } from '@/ui/useFormat'
import { useTimes } from '@/ui/useTimes'
import { firstLost, maxSlots, minSlots, runFrom, slotMinutes, wholeDay, type Range } from './slots'
import { useAvailability } from './useAvailability'

/**
 * What a reader chooses of a space: resource, date, seats, a run of slots. The choice lives in the address, so signing
 * in or a reload keeps it.
 */
export function useBookingChoice(space: Space) {
  const route = useRoute()
  const router = useRouter()
  const { t, text, duration } = useFormat()
  const { clock, day } = useTimes()
  const rules = useRules()
  const zone = space.time_zone
  const today = todayIn(zone)

  /** Today, or the next day with hours to come. */
  function firstDate(): string {
    const state = openState(space.opening_hours, space.exceptions, zone)
    return state.state === 'opens' ? addDays(today, state.days) : today
  }
  function asked(name: string): string {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }
  const firstResource =
    space.resources.find((item) => [item.name, item.id].includes(asked('resource'))) ?? space.resources[0]
  const startDate = isDate(asked('date')) ? asked('date') : firstDate()
  const furthest = (): string => addDays(today, advance())
  const advance = (): number => resource.value?.max_advance_days ?? 90
  const { form, errors, touch, submit, sending } = useForm(
    {
      resource: firstResource?.id ?? '',
      date: startDate,
      seats: Math.max(1, Number.parseInt(asked('seats'), 10) || 1),
    },
    {
      resource: { required: rules.required },
      date: {
        required: rules.rule(
          () => t('panel.dateNeeded'),
          (value) => isDate(value),
        ),
        past: rules.rule(
          () => t('panel.datePast'),
          (value) => value >= today,
        ),
        far: rules.rule(
          () => t('panel.dateFar', { n: advance() }, advance()),
          (value) => value <= furthest(),
        ),
      },
    },
  )
  const resource = computed<Resource | undefined>(
    () => space.resources.find((item) => item.id === form.resource) ?? space.resources[0],
  )
  const dateFine = computed(() => isDate(form.date) && form.date >= today && form.date <= furthest())
  /** A date that is over, or too far: the nearest one that can be booked. */
  const nearest = computed(() =>
    !isDate(form.date) || dateFine.value ? null : form.date < today ? firstDate() : furthest(),
  )
  const range = ref<Range | null>(asked('start') && asked('end') ? { start: asked('start'), end: asked('end') } : null)

  const free = useAvailability(() =>
    resource.value && dateFine.value
      ? {
          resource: resource.value.id,
          date: form.date,
          zone,
          seats: form.seats,
          longest: resource.value.max_duration_minutes,
        }
      : null,
  )
  /** What has begun is not shown as taken: there is nothing to have missed. Closed hours are no slots at all. */
  const slots = computed(() =>
    free.slots.value.filter((slot) => slot.bookable || (slot.reason !== 'past' && Date.parse(slot.start) > Date.now())),
  )
  /** There were hours on this day, and all of them have begun. */
  const over = computed(() => free.slots.value.length > 0)
  const least = computed(() => (resource.value ? minSlots(resource.value, slots.value) : 1))
  const most = computed(() => (resource.value ? maxSlots(resource.value, slots.value) : 1))
  const anyFree = computed(() => slots.value.some((slot) => slot.bookable))
  const resources = computed(() =>
    space.resources.map((item) => ({ value: item.id, title: text(item.title) || t(`kind.${item.kind}`) })),
  )
  const entire = computed(() => wholeDay(free.slots.value, slots.value, form.date, least.value, most.value))
  const room = computed(() => bookedWhole(resource.value))
  const size = computed(() =>
    resource.value?.capacity
      ? t('space.capacity', { n: resource.value.capacity }, resource.value.capacity)
      : t('space.whole'),
  )
  const lasting = (count: number) => duration(resource.value ? count * slotMinutes(resource.value, slots.value) : 0)
  /** Of the hints on length only those that bind. */
  const limits = computed(() =>
    [
      least.value > 1 ? t('panel.minHint', { time: lasting(least.value) }) : '',
      resource.value?.max_duration_minutes ? t('panel.maxHint', { time: lasting(most.value) }) : '',
    ]
      .filter(Boolean)
      .join(' '),
  )
  /** What became of the last press or choice, where it was not what was asked for. */
  const note = ref('')
  const tooLong = () => (note.value = t('panel.maxHint', { time: lasting(most.value) }))

  // A room of one seat has no second one to be taken: what is asked for follows the resource.
  watch(
    resource,
    (next) => {
      if (next && form.seats > next.seats) form.seats = next.seats
    },
    { immediate: true },
  )
  watch(
    () => [form.resource, form.date],
    () => {
      range.value = null
      note.value = ''
    },
  )
  watch(range, (next) => next && (note.value = ''))
  // A choice from the address, or one made before the answer came, holds only while all its slots are free.
  watch(slots, (next) => {
    const chosen = range.value
    if (!chosen || free.loading.value || free.problem.value) return
    const lost = firstLost(next, chosen)
    const first = next.findIndex((slot) => Date.parse(slot.start) === Date.parse(chosen.start))
    const count = next.filter(
      (slot) => Date.parse(slot.start) >= Date.parse(chosen.start) && Date.parse(slot.end) <= Date.parse(chosen.end),
    ).length
    range.value = first < 0 ? null : runFrom(next, first, count)
    if (range.value) return
    const time = clock(lost?.start ?? chosen.start, zone)
    note.value =
      lost && lost.seats_free > 0
        ? t('panel.lostSeats', { time, n: form.seats }, form.seats)
        : t('panel.lost', { time })
  })
  watch([range, () => form.resource, () => form.date, () => form.seats], () => {
    const query = {
      ...route.query,
      resource: resource.value?.name,
      date: form.date,
      seats: String(form.seats),
      start: range.value?.start,
      end: range.value?.end,
    }
    void router.replace({ query, hash: route.hash })
  })

  /** A date of another year says which: the address may ask for any. */
  const dayLabel = computed(() =>
    day(form.date, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      ...(form.date.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
    }),
  )
  const shift = (days: number) => (form.date = addDays(form.date, days))

  return {
    form,
    errors,
    touch,
    submit,
    sending,
    zone,
    today,
    furthest,
    shift,
    dayLabel,
    resource,
    resources,
    room,
    size,
    dateFine,
    nearest,
    free,
    slots,
    over,
    anyFree,
    least,
    most,
    entire,
    range,
    limits,
    note,
    tooLong,
  }
}
export type BookingChoice = ReturnType<typeof useBookingChoice>
