import type { Config } from 'prettier'

const config: Config = { printWidth: 120, semi: false, singleQuote: true, quoteProps: 'consistent' }
export default config
