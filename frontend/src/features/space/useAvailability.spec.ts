import { defineComponent, h, ref } from 'vue'
import { waitFor } from '@testing-library/vue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { booking, type Availability } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aSlot, anAvailability } from '@/testing/samples'
import { useAvailability } from './useAvailability'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, booking: { ...real.booking, availability: vi.fn() } }
})

/** Each question waits until it is answered here, in whatever order. */
function questions() {
  const asked: { signal?: AbortSignal; answer: (date: string) => void; refuse: (problem: ProblemError) => void }[] = []
  vi.mocked(booking.availability).mockImplementation((_resource, _from, _to, _seats, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Availability>()
    const slot = (date: string) => aSlot({ date, start: `${date}T10:00:00Z`, end: `${date}T11:00:00Z` })
    asked.push({ signal, answer: (date) => resolve(anAvailability([slot(date)])), refuse: reject })
    return promise
  })
  return asked
}

const [monday, tuesday] = ['2099-11-23', '2099-11-24']
const date = ref(monday)
const Day = defineComponent({
  setup() {
    const free = useAvailability(() => ({ resource: 'r1', date: date.value, zone: 'Europe/Moscow', seats: 1 }))
    return () => [
      h('p', { 'data-testid': 'slots' }, free.slots.value.map((slot) => slot.date).join()),
      h('p', { 'data-testid': 'state' }, free.problem.value?.slug ?? (free.loading.value ? 'loading' : 'calm')),
      h('button', { onClick: free.load }, 'again'),
    ]
  },
})

describe('what is free', () => {
  beforeEach(() => (date.value = monday))

  it('stays while the next date is asked for, and a question that was given up is not answered', async () => {
    const asked = questions()
    const { getByTestId } = await show(Day)
    const shown = () => getByTestId('slots').textContent
    await waitFor(() => expect(asked).toHaveLength(1))
    asked[0]?.answer(monday)
    await waitFor(() => expect(shown()).toBe(monday))

    date.value = tuesday
    await waitFor(() => expect(asked).toHaveLength(2))
    expect([shown(), getByTestId('state').textContent]).toEqual([monday, 'loading'])
    date.value = '2099-11-25'
    await waitFor(() => expect(asked).toHaveLength(3))
    expect(asked[1]?.signal?.aborted).toBe(true)
    asked[2]?.answer('2099-11-25')
    await waitFor(() => expect(shown()).toBe('2099-11-25'))
    asked[1]?.answer(tuesday)
    await new Promise(requestAnimationFrame)
    expect([shown(), getByTestId('state').textContent]).toEqual(['2099-11-25', 'calm'])
  })

  it('is asked for anew each time a date is looked at, and after a failure', async () => {
    const asked = questions()
    const { getByTestId, getByRole } = await show(Day)
    await waitFor(() => expect(asked).toHaveLength(1))
    asked[0]?.refuse(new ProblemError(503, 'temporarily-unavailable', ''))
    await waitFor(() => expect(getByTestId('state').textContent).toBe('temporarily-unavailable'))
    getByRole('button').click()
    await waitFor(() => expect(getByTestId('state').textContent).toBe('loading'))
    asked[1]?.answer(monday)
    await waitFor(() => expect(getByTestId('slots').textContent).toBe(monday))
    date.value = tuesday
    await waitFor(() => expect(asked).toHaveLength(3))
    asked[2]?.answer(tuesday)
    await waitFor(() => expect(getByTestId('slots').textContent).toBe(tuesday))
    date.value = monday
    await waitFor(() => expect(asked).toHaveLength(4))
  })

  it('is not told as a day without slots while it is asked for again after a failure', async () => {
    const asked = questions()
    const { getByTestId, getByRole } = await show(Day)
    const shown = () => [getByTestId('slots').textContent, getByTestId('state').textContent]
    await waitFor(() => expect(asked).toHaveLength(1))
    asked[0]?.answer(monday)
    await waitFor(() => expect(shown()).toEqual([monday, 'calm']))
    date.value = tuesday
    await waitFor(() => expect(asked).toHaveLength(2))
    asked[1]?.refuse(new ProblemError(503, 'temporarily-unavailable', ''))
    await waitFor(() => expect(shown()).toEqual(['', 'temporarily-unavailable']))
    getByRole('button').click()
    await waitFor(() => expect(shown()).toEqual([monday, 'loading']))
    asked[2]?.answer(tuesday)
    await waitFor(() => expect(shown()).toEqual([tuesday, 'calm']))
  })
})
