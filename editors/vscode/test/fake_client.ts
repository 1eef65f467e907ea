// fake_client.ts: stands in for vscode-languageclient/node; records what was started.
export const started: {command: string; args: string[]}[] = [];
export const stopped: string[] = [];

export class LanguageClient {
  constructor(private readonly id: string, _name: string, private readonly server: {command: string; args: string[]}) {}
  start(): Promise<void> { started.push(this.server); return Promise.resolve(); }
  stop(): Promise<void> { stopped.push(this.id); return Promise.resolve(); }
}
