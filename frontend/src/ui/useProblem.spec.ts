import { defineComponent, h } from 'vue'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '@/api/problem'
import en from '@/ui/locales/en'
import { show } from '@/testing/render'
import { useProblem } from './useProblem'

type Said = ReturnType<typeof useProblem>

async function problems(locale: 'ru' | 'en'): Promise<Said> {
  let said: Said | undefined
  await show(defineComponent({ setup: () => ((said = useProblem()), () => h('i')) }), { locale })
  return said!
}
const LATIN = /[A-Za-z]{3,}/
const theirs = 'The service says it in English.'
const fields = [
  { field: 'email', message: theirs },
  { field: 'unheard_of', message: theirs },
]

describe('useProblem', () => {
  it('says every problem in the language of the page', async () => {
    const [russian, english] = [await problems('ru'), await problems('en')]
    for (const slug of Object.keys(en.problem.known)) {
      const problem = new ProblemError(409, slug, theirs)
      expect(russian.sentence(problem).replaceAll('Mesto', '')).not.toMatch(LATIN)
      expect(english.sentence(problem)).toMatch(LATIN)
      expect(english.sentence(problem)).not.toBe(theirs)
    }
  })

  it.each([400, 401, 403, 404, 409, 413, 418, 422, 429, 500, 503])(
    'has a Russian sentence for a problem that is not known, too: %i',
    async (status) => {
      const { sentence } = await problems('ru')
      expect(sentence(new ProblemError(status, 'unheard-of', theirs, 'r', fields)).replaceAll('Mesto', '')).not.toMatch(
        LATIN,
      )
    },
  )

  it('shows a service’s own sentence on English pages, where there is no other', async () => {
    const { sentence } = await problems('en')
    expect(sentence(new ProblemError(422, 'unheard-of', theirs))).toBe(theirs)
  })

  it.each([
    ['email', 'Не похоже на адрес почты: name@example.org.'],
    ['unheard_of', 'Это не подходит. Проверьте.'],
  ])('says what is wrong with a field: %s', async (field, sentence) => {
    const problem = new ProblemError(422, 'invalid-request', theirs, 'r', fields)
    expect((await problems('ru')).ofField(problem, field)).toBe(sentence)
    expect((await problems('en')).ofField(problem, field)).toBe(theirs)
    expect((await problems('ru')).ofField(problem, 'phone')).toBeUndefined()
  })
})
