import tseslint from 'typescript-eslint'

const onlyRuntime = {
  name: 'onnxruntime-node',
  message: 'Use the Session interface of core/runtime; only core/runtime imports onnxruntime-node.',
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'bench/results', 'demo-output'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          'core/schema/tsconfig.json',
          'core/tsconfig.json',
          'bench/tsconfig.json',
          'test/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-restricted-imports': ['error', { paths: [onlyRuntime] }],
    },
  },
  { files: ['core/runtime/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['core/**'], ignores: ['core/cli/**'], rules: { 'no-console': 'error' } },
)
