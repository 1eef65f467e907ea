// policies.ts: which policies a text holds. Used by the playground, too. Tested by test/pure.test.ts.

/** The names of the policies that a file holds, in order; comments are left out. */
export function policies(text: string): string[] {
  const bare = text.replace(/"(?:[^"\\\r\n]|\\.)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g, (found) => (found[0] === '"' ? '""' : " "));
  return [...bare.matchAll(/(?:^|[;}\s])policy\s+([A-Za-z_]\w*)(?=\s*(?:\{|on\b))/g)].map((match) => match[1]);
}
