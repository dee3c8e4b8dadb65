import axios from 'axios'

export interface FieldProblem {
  field: string
  message: string
}

/** What kept a request from succeeding, in one shape for every cause. */
export class ProblemError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came at all. */
    readonly status: number,
    /** The last segment of the problem's type: stable, meant for code (`no-capacity`, `not-found` …). */
    readonly slug: string,
    /** The service's sentence, empty when it gave none. */
    readonly detail: string,
    readonly requestId: string = '',
    readonly errors: FieldProblem[] = [],
  ) {
    super(detail || slug)
    this.name = 'ProblemError'
  }

  get offline(): boolean {
    return this.status === 0
  }

  /** Whether the same request may work in a moment without the user changing anything. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }

  /** The same where a form calls one of the fields by another name. */
  renamed(from: string, to: string): ProblemError {
    const errors = this.errors.map((error) => (error.field === from ? { ...error, field: to } : error))
    return new ProblemError(this.status, this.slug, this.detail, this.requestId, errors)
  }

  /** The service's sentence about one field, if it named that field. */
  forField(field: string): string | undefined {
    return this.errors.find((error) => error.field === field || error.field.endsWith(`.${field}`))?.message
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return []
  return value
    .filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null)
    .map((item) => ({ field: text(item.field), message: text(item.message) }))
}

/** RFC 9457 body (or anything else that went wrong) to a ProblemError. Never throws. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (!axios.isAxiosError(error)) return new ProblemError(0, 'unexpected', error instanceof Error ? error.message : '')
  const response = error.response
  if (!response) return new ProblemError(0, error.code === 'ERR_CANCELED' ? 'cancelled' : 'offline', '')
  const body = (typeof response.data === 'object' && response.data !== null ? response.data : {}) as Record<
    string,
    unknown
  >
  const type = text(body.type)
  const slug = type ? (type.split('/').pop() ?? type) : `http-${response.status}`
  const requestId = text(response.headers?.['x-request-id']) || text(body.request_id)
  return new ProblemError(response.status, slug, text(body.detail), requestId, fieldProblems(body.errors))
}
