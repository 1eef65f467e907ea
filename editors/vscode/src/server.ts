// server.ts: the client of `sbpc lsp`. Started for the first policy, never for a Seatbelt profile. Tested by test/extension.test.ts.
import * as vscode from "vscode";
import {LanguageClient, type LanguageClientOptions, type Middleware, type ServerOptions} from "vscode-languageclient/node";
import {run} from "./run";
import {looksLikeSeatbelt} from "./seatbelt";

/** Seatbelt profiles are kept from the server from their opening to their closing, whatever is typed into them. */
export class KeepAway implements Middleware {
  private readonly away = new Set<string>();

  didOpen: Middleware["didOpen"] = (document, next) => {
    if (!looksLikeSeatbelt(document.getText())) return next(document);
    this.away.add(document.uri.toString());
    return Promise.resolve();
  };
  didChange: Middleware["didChange"] = (event, next) => (this.isAway(event.document) ? Promise.resolve() : next(event));
  didSave: Middleware["didSave"] = (document, next) => (this.isAway(document) ? Promise.resolve() : next(document));
  didClose: Middleware["didClose"] = (document, next) => (this.away.delete(document.uri.toString()) ? Promise.resolve() : next(document));

  private isAway(document: vscode.TextDocument): boolean {
    return this.away.has(document.uri.toString());
  }
}

export class Server {
  private client: LanguageClient | undefined;
  private starting: Promise<void> | undefined;
  private told = false;

  /** Does nothing where it runs already, is switched off, or the folder is not trusted. Asked again before it runs, it is the same start. */
  start(): Promise<void> {
    this.starting ??= this.launch().finally(() => { this.starting = undefined; });
    return this.starting;
  }

  private async launch(): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("sbpc");
    if (this.client || !vscode.workspace.isTrusted || !configuration.get<boolean>("server.enable", true)) return;
    const program = configuration.get<string>("path") || "sbpc";
    const why = await whyNoServer(program);
    if (why) {
      this.tell(why);
      return;
    }
    const server: ServerOptions = {command: program, args: ["lsp"]};
    const options: LanguageClientOptions = {
      documentSelector: [{language: "sb", scheme: "file"}, {language: "sb", scheme: "untitled"}],
      synchronize: {configurationSection: "sbpc"},  // files are watched as the server asks
      middleware: new KeepAway(),
    };
    this.client = new LanguageClient("sbpc", "sbpc", server, options);
    await this.client.start();
  }

  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);  // who asked for it hears why
    const client = this.client;
    this.client = undefined;
    await client?.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.told = false;
    await this.start();
  }

  // Once: highlighting and snippets work without a server.
  private tell(why: string): void {
    if (this.told) return;
    this.told = true;
    void vscode.window.showWarningMessage(`no diagnostics and completion: ${why}`);
  }
}

/** Why `program` has no language server; empty if it has one. */
export async function whyNoServer(program: string): Promise<string> {
  try {
    const answer = await run(program, ["lsp", "--help"], process.cwd(), 10);
    // An sbpc without the command takes the word for a file, and its --help is another one.
    return answer.code === 0 && answer.stdout.startsWith("usage: sbpc lsp ") ? "" : `\`${program}\` has no command \`lsp\`: it is older than this extension`;
  } catch (error) {
    return (error as Error).message;
  }
}
