import { useI18n } from 'vue-i18n'
import { toProblem } from '@/api/problem'
import { useForm, useRules } from '@/ui/useForm'
import { usePasswordRules } from './passwordRules'
import { usePasswordStrength } from './usePasswordStrength'

/** A form that sets a password; `known` are words that an attacker would try. */
export function useNewPassword(known: () => string[], withCurrent: boolean) {
  const { t } = useI18n()
  const rules = useRules()
  const form = useForm(
    { current: '', password: '', repeated: '' },
    {
      ...(withCurrent ? { current: { required: rules.required } } : {}),
      password: usePasswordRules(rules, () => verdict),
      repeated: {
        required: rules.required,
        same: rules.sameAs(
          (): string => form.form.password,
          () => t('newPassword.differs'),
        ),
      },
    },
  )
  const verdict = usePasswordStrength(() => form.form.password, known)
  /** What was written is not kept once it has done its work. */
  function clear(): void {
    Object.assign(form.form, { current: '', password: '', repeated: '' })
  }
  /** Where the service calls the new password `new`, its verdict belongs to our field. */
  function submit(send: () => Promise<void>): Promise<boolean> {
    return form.submit(async () => {
      try {
        await send()
      } catch (error) {
        throw toProblem(error).renamed('new', 'password')
      }
    })
  }
  return { ...form, submit, strength: verdict.score, clear }
}
