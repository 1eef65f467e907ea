// share.ts: a policy as the fragment of an address, which no server is sent: `#p=` and the deflated text in base64url. Tested by
// test/browser/playground.mjs.

const MAX_TEXT = 1 << 20;  // a fragment may come from anybody: a small one could inflate to anything
const PREFIX = "#p=";

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream, limit: number): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream as unknown as ReadableWritablePair<Uint8Array, Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const {done, value} = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new Error(`the policy in the address is larger than ${limit >> 20} MiB`);
    }
    parts.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function toFragment(text: string): Promise<string> {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"), Infinity);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return PREFIX + btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The text in a fragment, undefined where there is none; throws an Error in words for one that is damaged. */
export async function fromFragment(fragment: string): Promise<string | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(fragment.slice(PREFIX.length).replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    bytes = await through(bytes, new DecompressionStream("deflate-raw"), MAX_TEXT);
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("the policy in")) throw error;
    throw new Error("the address holds no policy: it was cut or changed on its way");
  }
}
