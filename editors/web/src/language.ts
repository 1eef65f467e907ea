// language.ts: SB for CodeMirror: a tokenizer, line by line, with the compiler's words. Tested by test/editors/codemirror.mjs, which holds
// it against the compiler's own tokens.
import {type StreamParser} from "@codemirror/language";
import {symbols, words} from "./words";

export interface State {
  comment: boolean;   // inside of /* */
  begun: boolean;     // some text was read: `#!` means something on the first line alone
}

type Stream = Parameters<StreamParser<State>["token"]>[0];

const NAMES: Record<string, string> = {
  declaration: "keyword", statement: "keyword", action: "controlKeyword", condition: "operatorKeyword", literal: "bool", function: "standard",
  type: "typeName",
};

function blockComment(stream: Stream, state: State): string {
  state.comment = true;
  while (!stream.eol()) {
    if (stream.match("*/")) {
      state.comment = false;
      break;
    }
    stream.next();
  }
  return "comment";
}

function string(stream: Stream): string {
  if (!stream.match(/^"(?:[^"\\]|\\.)*"/)) {
    stream.skipToEnd();
    return "invalid";
  }
  return /\\[^"\\]/.test(stream.current().replace(/\\\\/g, "")) ? "invalid" : "string";
}

function number(stream: Stream): string {
  // `4..7` is a range: a point belongs to a number only before a digit or letter.
  stream.match(/^\w+(?:\.\w+)*/);
  const text = stream.current();
  return /^(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|0|[1-9][0-9_]*|[0-9]+\.[0-9]+(?:\.[0-9]+)?)$/.test(text) ? "number" : "invalid";
}

function word(stream: Stream): string {
  const before = stream.string[stream.pos - 1] ?? "";
  stream.match(/^\w+/);
  const text = stream.current();
  const isName = ".@$".includes(before || " ") || stream.match(/^\s*:/, false) || stream.match(/^\.\w/, false);
  if (!isName && words[text]) return NAMES[words[text]];
  if (stream.match(/^\s*:/, false)) return "propertyName";
  return /^_*[A-Z][A-Z0-9_]+$/.test(text) ? "constant" : "variableName";
}

export const parser: StreamParser<State> = {
  name: "sb",
  startState: () => ({comment: false, begun: false}),
  token(stream, state) {
    if (state.comment) return blockComment(stream, state);
    if (!state.begun) {
      state.begun = true;
      if (stream.match(/^#!.*/)) return "meta";
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\/\/(?!\/).*/)) return "docComment";
    if (stream.match(/^\/\/.*/)) return "comment";
    if (stream.match("/*")) return blockComment(stream, state);
    if (stream.peek() === '"') return string(stream);
    if (stream.match(/^'[\x20-\x26\x28-\x5B\x5D-\x7E]'/)) return "character";
    if (stream.match(/^\$[0-5]\b/)) return "self";
    if (stream.match(/^@[A-Za-z_][\w.]*/)) return "labelName";
    if (stream.match(/^\d/, false)) return number(stream);
    if (stream.match(/^[A-Za-z_]/, false)) return word(stream);
    if (stream.match(symbols)) return "operator";
    if (stream.match(/^[{}()]/)) return "bracket";
    if (stream.match(/^[,;:.@]/)) return "punctuation";
    if (!stream.match(/^'(?:[^'\\]|\\.)*'?/) && !stream.match(/^\$\w*/)) stream.next();
    return "invalid";
  },
  languageData: {
    commentTokens: {line: "//", block: {open: "/*", close: "*/"}},
    closeBrackets: {brackets: ["{", "(", '"']},
    indentOnInput: /^\s*[})]$/,
    wordChars: "_",
  },
};
