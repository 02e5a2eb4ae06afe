// The ordered log of what the person did: an action stays until the server says that it is in the database.

class ActionLog {
  constructor() {
    this.nonce = Array.from(crypto.getRandomValues(new Uint32Array(3)), part => part.toString(36)).join('');
    Object.assign(this, { actions: [], sequence: 0, send: () => {} });
  }

  push(record, kind, detail = {}) {
    this.sequence += 1;
    this.actions.push({ sequence: this.sequence, record, kind, ...detail });
    this.send('log', { nonce: this.nonce, actions: this.actions });
  }

  // Take the server's word; true while something is still on its way.
  acknowledge({ ack, stalled }) {
    clearTimeout(this.timer);
    if (ack.nonce === this.nonce) this.actions = this.actions.filter(action => action.sequence > ack.sequence);
    if (this.actions.length && stalled) this.timer = setTimeout(() => this.send('log', { nonce: this.nonce, actions: this.actions, again: Date.now() }), 1000);
    return this.actions.length > 0;
  }

  stop() { clearTimeout(this.timer); }
}
