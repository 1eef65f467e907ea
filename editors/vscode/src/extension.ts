// extension.ts: where the editor enters. Keeps away from Seatbelt profiles, which have the same ending.
// Tested by test/extension.test.ts.
import * as vscode from "vscode";
import {Commands} from "./commands";
import {looksLikeSeatbelt} from "./seatbelt";
import {Server} from "./server";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("SB policies", "log");
  server = new Server();
  context.subscriptions.push(log, ...new Commands(log).register(),
    vscode.commands.registerCommand("sbpc.restartServer", () => server?.restart()),
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.workspace.onDidGrantWorkspaceTrust(() => startForOpenPolicies()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("sbpc.path") || change.affectsConfiguration("sbpc.server")) void server?.restart();
    }));
  await startForOpenPolicies();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function startForOpenPolicies(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) await opened(document);
}

async function opened(document: vscode.TextDocument): Promise<void> {
  if (document.languageId !== "sb") return;
  if (looksLikeSeatbelt(document.getText())) await leaveAlone(document);
  else await server?.start();
}

// Scheme where another extension knows it, else plain text.
async function leaveAlone(document: vscode.TextDocument): Promise<void> {
  const known = await vscode.languages.getLanguages();
  await vscode.languages.setTextDocumentLanguage(document, known.includes("scheme") ? "scheme" : "plaintext");
}
