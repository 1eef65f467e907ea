// commands.ts: what the palette offers: compile, test, cost report, explain a denied call. Tested by test/commands.test.ts.
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import * as invocations from "./invocations";
import {CannotRun, run} from "./run";
import {looksLikeSeatbelt} from "./seatbelt";

type Log = Pick<vscode.OutputChannel, "appendLine" | "show" | "clear">;

/** The saved policy of the active editor; undefined, with a word to the user, where there is none. */
async function activePolicy(): Promise<vscode.TextDocument | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage("this folder is not trusted, so sbpc is not run");
  } else if (!document || document.languageId !== "sb") {
    void vscode.window.showWarningMessage("open a policy (.sb) first");
  } else if (looksLikeSeatbelt(document.getText())) {
    void vscode.window.showWarningMessage("this is an Apple Seatbelt profile, not a seccomp policy");
  } else if (document.uri.scheme !== "file") {
    void vscode.window.showWarningMessage("save the policy to a file first: sbpc reads files");
  } else if (!document.isDirty || (await document.save())) {
    return document;
  }
  return undefined;
}

/** undefined if the user picked none. */
async function pickPolicy(document: vscode.TextDocument): Promise<{policy?: string} | undefined> {
  const names = invocations.policies(document.getText());
  if (names.length < 2) return {};
  const policy = await vscode.window.showQuickPick(names, {placeHolder: "which policy of this file?"});
  return policy === undefined ? undefined : {policy};
}

function settings(document: vscode.TextDocument): {program: string; extra: string[]} {
  const configuration = vscode.workspace.getConfiguration("sbpc", document.uri);
  return {program: configuration.get<string>("path") || "sbpc", extra: configuration.get<string[]>("arguments") ?? []};
}

export class Commands {
  private panel: vscode.WebviewPanel | undefined;

  constructor(private readonly log: Log) {}

  register(): vscode.Disposable[] {
    const command = (name: string, what: () => Promise<void>) => vscode.commands.registerCommand(name, () => this.guarded(what));
    return [
      command("sbpc.compile", () => this.compile()),
      command("sbpc.test", () => this.test()),
      command("sbpc.costReport", () => this.costReport()),
      command("sbpc.explainCall", () => this.explainCall()),
    ];
  }

  private async guarded(what: () => Promise<void>): Promise<void> {
    try {
      await what();
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      void vscode.window.showErrorMessage(error.message);
    }
  }

  private async ask(document: vscode.TextDocument, args: string[]) {
    const {program} = settings(document);
    return run(program, args, path.dirname(document.uri.fsPath));
  }

  private show(title: string, text: string): void {
    this.log.clear();
    this.log.appendLine(`$ ${title}`);
    this.log.appendLine(text.trimEnd());
    this.log.show(true);
  }

  private async prepare(): Promise<{document: vscode.TextDocument; target: invocations.Target} | undefined> {
    const document = await activePolicy();
    const picked = document && (await pickPolicy(document));
    if (!document || !picked) return undefined;
    return {document, target: {file: document.uri.fsPath, policy: picked.policy, extra: settings(document).extra}};
  }

  private async compile(): Promise<void> {
    const work = await this.prepare();
    if (!work) return;
    const answer = await this.ask(work.document, invocations.compile(work.target));
    const program = path.basename(invocations.programOf(work.target.file));
    this.show(`sbpc compile ${path.basename(work.target.file)}`, answer.stderr + answer.stdout || `wrote ${program}`);
    if (answer.code === 0) void vscode.window.showInformationMessage(`wrote ${program}`);
    else void vscode.window.showErrorMessage("the policy has errors: no program was written");
  }

  private async test(): Promise<void> {
    const document = await activePolicy();
    if (!document) return;
    const target = {file: document.uri.fsPath, extra: settings(document).extra};
    const answer = await this.ask(document, invocations.test(target));
    const text = answer.stderr + answer.stdout;
    this.show(`sbpc test ${path.basename(target.file)}`, text);
    const last = text.trimEnd().split("\n").pop() ?? "";
    if (answer.code === 0) void vscode.window.showInformationMessage(last);
    else void vscode.window.showErrorMessage(/^\d+ tests?:/.test(last) ? last : "the tests could not be run: see the output");
  }

  private async costReport(): Promise<void> {
    const work = await this.prepare();
    if (!work) return;
    const answer = await this.ask(work.document, invocations.report(work.target, os.devNull));
    if (answer.code !== 0 || !answer.stdout.startsWith("<!DOCTYPE html>")) {
      this.show(`sbpc --report ${path.basename(work.target.file)}`, answer.stderr);
      void vscode.window.showErrorMessage("the policy has errors: there is no report");
      return;
    }
    this.panel ??= this.openPanel();
    this.panel.title = `cost of ${work.target.policy ?? path.basename(work.target.file)}`;
    this.panel.webview.html = answer.stdout;  // one self-contained page, whose own policy forbids every request
    this.panel.reveal(undefined, true);
  }

  private openPanel(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel("sbpc.report", "cost", {viewColumn: vscode.ViewColumn.Beside, preserveFocus: true},
      {enableScripts: true, localResourceRoots: [], retainContextWhenHidden: true});
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }

  private async explainCall(): Promise<void> {
    const work = await this.prepare();
    if (!work) return;
    const selected = vscode.window.activeTextEditor?.document.getText(vscode.window.activeTextEditor.selection) ?? "";
    const call = await vscode.window.showInputBox({
      prompt: "a call, write(1, 0, 5), or a line of strace, of the audit log or of a SIGSYS report",
      value: selected.includes("\n") ? "" : selected,
      validateInput: (text) => (text.trim() ? undefined : "a name is enough: openat"),
    });
    if (!call) return;
    const answer = await this.ask(work.document, invocations.explain(work.target, call));
    this.show(`sbpc explain ${path.basename(work.target.file)} '${call.trim()}'`, answer.stderr + answer.stdout);
  }
}
