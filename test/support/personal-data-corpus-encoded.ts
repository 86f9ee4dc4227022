/** Percent-encoded tokens that hide something, marked with `«»`, and what they hide. */
export const encodedTexts: readonly (readonly [string, string])[] = [
  ['email', 'user=«joe%40example.com»'],
  ['email', 'path /users/«joe%2540example.com»/x'],
  ['email', 'three times «joe%252540example.com»'],
  ['email', '«%6a%6f%65%40%65%78%61%6d%70%6c%65%2e%63%6f%6d»'],
  ['email', 'cut off escape «joe%40example.com%2» end'],
  ['email', 'bad byte «joe%40example.com%E9» end'],
  ['bearer', 'header=«Bearer%20abc123def456»'],
  ['secret', '«password%3Dhunter2» in a form'],
  ['secret', 'next=«https%3A%2F%2Fjoe:pass%40example.com»'],
];
