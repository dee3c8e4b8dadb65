import { computed, reactive, ref, watch, type Ref } from 'vue'
import { useVuelidate, type BaseValidation, type ValidationArgs } from '@vuelidate/core'
import { helpers } from '@vuelidate/validators'
import { email as emailRule, required as requiredRule } from '@vuelidate/validators'
import { useI18n } from 'vue-i18n'
import { toProblem, type ProblemError } from '@/api/problem'
import { useProblem } from './useProblem'

type Values = Record<string, unknown>

/**
 * A form: its values, Vuelidate's verdict on them, the service's verdict beside it, and sending it once.
 * Nothing else in the app imports Vuelidate, so that it can be replaced here.
 */
export function useForm<T extends Values>(values: T, rules: ValidationArgs) {
  const form = reactive({ ...values }) as T
  const checks = useVuelidate(rules, form as Values, { $autoDirty: false, $scope: false })
  const { ofField } = useProblem()
  const sending = ref(false)
  const problem: Ref<ProblemError | null> = ref(null)

  // What the service said was of what was sent then.
  watch(
    () => ({ ...form }),
    () => (problem.value = null),
  )

  /** Vuelidate's part about one field; fields without rules have none. */
  function check(field: keyof T & string): BaseValidation | undefined {
    return Reflect.get(checks.value, field)
  }

  /** What is wrong with a field, in sentences: ours once it was left or sent, else the service's. */
  function errors(field: keyof T & string): string[] {
    const own = (check(field)?.$errors ?? []).map((error) => String(error.$message)).slice(0, 1)
    const theirs = problem.value ? ofField(problem.value, field) : undefined
    return own.length ? own : theirs ? [theirs] : []
  }

  /** The problem, unless a field of the form tells it already: nothing is said twice. */
  const untold = computed(() =>
    Object.keys(form).some((field) => problem.value?.forField(field) !== undefined) ? null : problem.value,
  )

  function touch(field: keyof T & string): void {
    check(field)?.$touch()
  }

  /** Run `send` if every check passes. Returns whether it went through; a failure is left in `problem`. */
  async function submit(send: () => Promise<void>): Promise<boolean> {
    if (sending.value) return false
    problem.value = null
    if (!(await checks.value.$validate())) return false
    sending.value = true
    try {
      await send()
      return true
    } catch (error) {
      problem.value = toProblem(error)
      return false
    } finally {
      sending.value = false
    }
  }

  return { form, errors, touch, submit, sending, problem, untold, valid: () => !checks.value.$invalid }
}

/** Rules with sentences in the current language. */
export function useRules() {
  const { t } = useI18n()
  const say = helpers.withMessage
  return {
    required: say(() => t('valid.required'), requiredRule),
    email: say(() => t('valid.email', { at: '@' }), emailRule),
    minLength: (n: number) =>
      say(
        () => t('valid.minLength', { n }, n),
        (value: string) => !helpers.req(value) || [...value].length >= n,
      ),
    maxLength: (n: number) =>
      say(
        () => t('valid.maxLength', { n }, n),
        (value: string) => [...(value ?? '')].length <= n,
      ),
    /** The same as in another field, that of a password to be written twice. */
    sameAs: (other: () => string, message: () => string) => say(message, (value: string) => value === other()),
    /** `check` answers whether the value is fine; `message` says what to do if not. */
    rule: (message: () => string, check: (value: string) => boolean) => say(message, check),
  }
}
