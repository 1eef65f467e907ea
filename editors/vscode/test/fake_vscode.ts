// fake_vscode.ts: the little of the editor's interface that the extension uses, for its tests; what was shown to the user is recorded.

export const shown: string[] = [];
export const registered = new Map<string, (...args: unknown[]) => unknown>();
export const panels: {title: string; webview: {html: string}; options: unknown}[] = [];
export const answers: {quickPick: (names: string[]) => string | undefined; input: () => string | undefined} = {
  quickPick: () => undefined, input: () => undefined,
};
export const settings: Record<string, unknown> = {};
export const state: {trusted: boolean; languages: string[]; openHandlers: ((document: unknown) => unknown)[]} = {
  trusted: true, languages: ["plaintext"], openHandlers: [],
};

export const ViewColumn = {Beside: -2};
const disposable = {dispose: () => undefined};
const record = (kind: string) => (text: string) => { shown.push(`${kind}: ${text}`); return Promise.resolve(undefined); };

export const window = {
  activeTextEditor: undefined as unknown,
  showInformationMessage: record("info"),
  showWarningMessage: record("warning"),
  showErrorMessage: record("error"),
  showQuickPick: (names: string[]) => Promise.resolve(answers.quickPick(names)),
  showInputBox: () => Promise.resolve(answers.input()),
  createOutputChannel: () => ({appendLine: record("log"), show: () => undefined, clear: () => undefined, dispose: () => undefined}),
  createWebviewPanel: (_type: string, title: string, _where: unknown, options: unknown) => {
    const panel = {title, webview: {html: ""}, options, reveal: () => undefined, onDidDispose: () => disposable};
    panels.push(panel);
    return panel;
  },
};
export const workspace = {
  get isTrusted() { return state.trusted; },
  textDocuments: [] as unknown[],
  getConfiguration: (section: string) => ({get: (name: string, otherwise?: unknown) => settings[`${section}.${name}`] ?? otherwise}),
  onDidOpenTextDocument: (handler: (document: unknown) => unknown) => { state.openHandlers.push(handler); return disposable; },
  onDidGrantWorkspaceTrust: () => disposable,
  onDidChangeConfiguration: () => disposable,
};
export const commands = {
  registerCommand: (name: string, what: (...args: unknown[]) => unknown) => { registered.set(name, what); return disposable; },
};
export const languages = {
  getLanguages: () => Promise.resolve(state.languages),
  setTextDocumentLanguage: (document: {languageId: string}, id: string) => { document.languageId = id; return Promise.resolve(document); },
};

/** A document on disk, as the active editor's. */
export function open(file: string, text: string, languageId = "sb") {
  const document = {
    languageId, isDirty: false, fileName: file, uri: {scheme: "file", fsPath: file, toString: () => `file://${file}`},
    getText: (range?: unknown) => (range === undefined ? text : ""), save: () => Promise.resolve(true),
  };
  window.activeTextEditor = {document, selection: {}};
  return document;
}

export function forget(): void {
  shown.length = 0;
  panels.length = 0;
  state.trusted = true;
}
