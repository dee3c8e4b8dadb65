import type { Config } from 'prettier'

const config: Config = { printWidth: 120, semi: false, singleQuote: true }
export default config
