// compiler.ts: the worker, as a function from requests to answers. Of requests that wait only the newest is run; a compiler that takes
// too long is ended and a new one started.
import type {Answer, Request} from "./protocol";

const SECONDS = 30;

export class Compiler {
  private worker: Worker | undefined;
  private last = 0;
  private busy: {id: number; done: (answer: Answer) => void; timer: number} | undefined;
  private readonly waiting = new Map<string, {request: Request; done: (answer: Answer | undefined) => void}>();

  constructor(private readonly script: string) {}

  /** undefined: a newer request of this kind came before this one was begun. */
  ask(request: Omit<Request, "id">): Promise<Answer | undefined> {
    return new Promise((done) => {
      this.waiting.get(request.kind)?.done(undefined);
      this.waiting.set(request.kind, {request: {...request, id: ++this.last}, done});
      this.next();
    });
  }

  private next(): void {
    const first = this.waiting.entries().next();
    if (this.busy || first.done) return;
    const [kind, {request, done}] = first.value;
    this.waiting.delete(kind);
    const timer = window.setTimeout(() => this.finish({id: request.id, code: 70, said: "", diagnostics: [],
      crashed: `the compiler was stopped: it took more than ${SECONDS} seconds`}, true), SECONDS * 1000);
    this.busy = {id: request.id, done, timer};
    this.start().postMessage(request);
  }

  private start(): Worker {
    if (this.worker) return this.worker;
    const address = URL.createObjectURL(new Blob([this.script], {type: "text/javascript"}));
    this.worker = new Worker(address);
    this.worker.onmessage = ({data}: MessageEvent<Answer>) => this.finish(data, false);
    this.worker.onerror = (event) => {
      if (this.busy) this.finish({id: this.busy.id, code: 70, said: "", diagnostics: [], crashed: event.message || "the compiler could not be started"}, true);
    };
    return this.worker;
  }

  private finish(answer: Answer, restart: boolean): void {
    if (!this.busy || this.busy.id !== answer.id) return;
    clearTimeout(this.busy.timer);
    const {done} = this.busy;
    this.busy = undefined;
    if (restart) {
      this.worker?.terminate();
      this.worker = undefined;
    }
    done(answer);
    this.next();
  }
}
