export const wizard = {
  next: 'Continue to {step}',
}
