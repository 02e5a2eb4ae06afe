// One menu at a time, beside what opened it: arrows move, Enter chooses, Esc and Tab leave, the focus goes back.

class DeskMenu {
  constructor(desk, host) {
    Object.assign(this, { desk, host, from: null });
    desk.on(host, 'click', event => { const index = event.target.closest('[data-index]')?.dataset.index; if (index !== undefined) this.choose(Number(index)); });
    desk.on(host, 'keydown', event => this.key(event));
    desk.on(host, 'focusout', event => { if (this.isOpen && event.relatedTarget && !host.contains(event.relatedTarget)) this.close(false); });
    desk.on(desk.node, 'pointerdown', event => { if (this.isOpen && !host.contains(event.target)) this.close(false); }, { capture: true });
  }

  get isOpen() { return !this.host.hidden; }

  // `items`: name, text, key, run; those without `run` cannot be chosen now.
  open(anchor, label, items, from = anchor) {
    Object.assign(this, { items, from });
    this.host.setAttribute('aria-label', label);
    this.host.replaceChildren(...items.map(({ name, text, key, run }, index) => {
      const item = element('button', 'menu-item');
      item.type = 'button';
      Object.assign(item.dataset, { index, name });
      item.setAttribute('role', 'menuitem');
      item.tabIndex = -1;
      item.disabled = !run;
      item.append(element('span', '', text), ...(key ? [element('kbd', '', key)] : []));
      return item;
    }));
    this.host.hidden = false;
    const box = anchor.getBoundingClientRect(), desk = this.desk.node.getBoundingClientRect(), { offsetWidth, offsetHeight } = this.host;
    const below = box.bottom + offsetHeight <= desk.bottom ? box.bottom + 2 : Math.max(desk.top, box.top - offsetHeight - 2);
    this.host.style.left = `${Math.max(0, Math.min(box.right - offsetWidth, desk.right - offsetWidth) - desk.left)}px`;
    this.host.style.top = `${below - desk.top}px`;
    this.step(0, 1);
  }

  close(back = true) {
    this.host.hidden = true;
    if (back) this.from?.focus({ preventScroll: true });
  }

  choose(index) {
    const { run } = this.items[index];
    this.close();
    run?.();
  }

  step(start, by) {
    const all = [...this.host.children], count = all.length;
    for (let tried = 0, at = start; tried < count; tried += 1, at += by) {
      const item = all[((at % count) + count) % count];
      if (!item.disabled) { item.focus(); return; }
    }
  }

  key(event) {
    const at = [...this.host.children].indexOf(this.host.getRootNode().activeElement);
    const moves = { ArrowDown: [at + 1, 1], ArrowUp: [at - 1, -1], Home: [0, 1], End: [-1, -1] };
    if (event.key === 'Tab') { this.close(); return; }
    if (event.key === 'Escape') this.close(); else if (moves[event.key]) this.step(...moves[event.key]); else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
