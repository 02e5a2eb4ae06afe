// The page image with the boxes of its cells: pan, zoom to the pointer, fit, turn, pages. Texts reach the DOM by textContent only.

const LEVEL_MARKS = { error: '✕', warning: '▲', info: 'i', edited: '✎' };

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

class Viewer {
  constructor(host, signal, pick) {
    Object.assign(this, { host, pick, page: 0, zoom: 1, x: 0, y: 0, turn: 0, mode: 'page', focused: null, data: null });
    this.stage = host.querySelector('.stage');
    this.sheet = host.querySelector('.sheet');
    this.image = host.querySelector('.sheet img');
    this.layer = host.querySelector('.boxes');
    this.on = (target, event, handler, options = {}) => target.addEventListener(event, handler, { signal, ...options });
    this.listen();
    this.sizes = new ResizeObserver(() => { if (this.mode) this.fit(this.mode, false); });
    this.sizes.observe(this.stage);
    signal.addEventListener('abort', () => this.sizes.disconnect());
  }

  update(data) {
    const isNew = !this.data || this.data.document !== data.document;
    this.data = data;
    for (const button of this.host.querySelectorAll('[data-do]')) {
      const text = data.labels[button.dataset.do];
      button.title = text;
      if (button.dataset.words) button.textContent = text; else button.setAttribute('aria-label', text);
    }
    this.host.querySelector('.boxes-label').textContent = data.labels.boxes;
    this.stage.setAttribute('aria-label', data.labels.stage);
    if (isNew) Object.assign(this, { page: 0, turn: 0, focused: null, mode: 'page' });
    this.show(isNew);
  }

  show(refit) {
    const page = this.data.pages[this.page], many = this.data.pages.length > 1;
    this.host.querySelector('.pages').hidden = !many;
    this.host.querySelector('.page-number').textContent = `${this.page + 1} / ${this.data.pages.length}`;
    if (!page) { this.image.removeAttribute('src'); this.layer.replaceChildren(); this.nothing(); return; }
    this.host.classList.remove('empty');
    if (this.image.getAttribute('src') !== page.source) this.image.src = page.source;
    this.image.alt = this.data.labels.image;
    this.draw();
    if (!page.width) return;  // its load event goes on from here
    if (refit) this.fit(this.mode || 'page', false); else this.place(false);
  }

  nothing() {
    this.host.classList.add('empty');
    this.host.querySelector('.nothing').textContent = this.data.labels.no_image;
  }

  draw() {
    const { number } = this.data.pages[this.page], boxes = this.data.boxes.filter(box => box.page === number);
    this.layer.replaceChildren(...boxes.map(box => {
      const node = element('button', `box ${box.level || 'plain'}`);
      const [left, top, right, bottom] = box.box;
      node.type = 'button';
      node.tabIndex = -1;
      node.dataset.path = box.path;
      node.style.cssText = `left:${left * 100}%;top:${top * 100}%;width:${(right - left) * 100}%;height:${(bottom - top) * 100}%`;
      node.setAttribute('aria-label', box.label);
      const mark = LEVEL_MARKS[box.level];
      if (mark) node.append(element('span', 'mark', mark));
      node.append(element('span', 'tag', box.label));
      return node;
    }));
    this.mark(this.focused);
  }

  mark(path) {
    this.focused = path;
    for (const node of this.layer.children) node.classList.toggle('on', node.dataset.path === path);
  }

  // Bring the box of a cell into view; another page is turned to where the cell stands.
  reveal(path) {
    const box = this.data?.boxes.find(each => each.path === path)
      ?? this.beside(path);
    const page = box ? this.data.pages.findIndex(each => each.number === box.page) : -1;
    if (page >= 0 && page !== this.page) { this.page = page; this.show(true); }
    this.mark(path);
    if (page < 0) return;
    const { width, height } = this.data.pages[this.page];
    if (!width) { this.later = path; return; }
    const [W, H] = [this.stage.clientWidth, this.stage.clientHeight];
    if (!W || !H) return;
    const corners = [this.turned(box.box[0] * width, box.box[1] * height), this.turned(box.box[2] * width, box.box[3] * height)];
    const [left, right] = [Math.min(corners[0][0], corners[1][0]), Math.max(corners[0][0], corners[1][0])];
    const [top, bottom] = [Math.min(corners[0][1], corners[1][1]), Math.max(corners[0][1], corners[1][1])];
    const [w, h] = this.extent();
    const whole = Math.min(W / w, H / h);
    // the width of the page where its print is large enough to read, else closer: never under the whole page, never over twice the width
    const across = (W - 12) / w, readable = 20 / Math.max(bottom - top, 8);
    this.zoom = Math.max(whole * 0.98, Math.min(Math.max(across, readable), 2.1 * across, 0.9 * W / (right - left)));
    const clamp = (value, low, high) => (low > high ? (low + high) / 2 : Math.max(low, Math.min(high, value)));
    this.x = clamp(W / 2 - ((left + right) / 2) * this.zoom, W - w * this.zoom - 8, 8);
    this.y = clamp(H / 2 - ((top + bottom) / 2) * this.zoom, H - h * this.zoom - 8, 8);
    this.mode = null;
    this.place(true);
  }

  // A blank cell has no box: its row shows where it would be.
  beside(path) {
    const row = path?.split('.').slice(0, 2).join('.');
    return path?.includes('.') ? this.data?.boxes.find(each => each.path.startsWith(`${row}.`)) : undefined;
  }

  extent() {
    const { width, height } = this.data.pages[this.page];
    return this.turn % 180 ? [height, width] : [width, height];
  }

  turned(u, v) {
    const { width, height } = this.data.pages[this.page];
    return { 0: [u, v], 90: [height - v, u], 180: [width - u, height - v], 270: [v, width - u] }[this.turn];
  }

  place(animated) {
    const { width, height } = this.data.pages[this.page];
    const [dx, dy] = { 0: [0, 0], 90: [height, 0], 180: [width, height], 270: [0, width] }[this.turn];
    this.sheet.classList.toggle('moving', Boolean(animated));
    this.sheet.style.width = `${width}px`;
    this.sheet.style.height = `${height}px`;
    this.sheet.style.setProperty('--zoom', this.zoom);
    this.sheet.style.transform = `translate(${this.x}px,${this.y}px) scale(${this.zoom}) translate(${dx}px,${dy}px) rotate(${this.turn}deg)`;
    this.host.querySelector('.percent').textContent = `${Math.round(this.zoom * 100)}%`;
  }

  fit(mode, animated = true) {
    if (!this.data?.pages[this.page]?.width) return;
    const [w, h] = this.extent(), [W, H] = [this.stage.clientWidth, this.stage.clientHeight];
    this.mode = mode;
    if (!W || !H) return;
    this.zoom = mode === 'width' ? (W - 12) / w : Math.min((W - 12) / w, (H - 12) / h);
    this.x = (W - w * this.zoom) / 2;
    this.y = mode === 'width' ? 6 : (H - h * this.zoom) / 2;
    this.place(animated);
  }

  scale(factor, cx = this.stage.clientWidth / 2, cy = this.stage.clientHeight / 2, animated = false) {
    const zoom = Math.max(0.05, Math.min(8, this.zoom * factor)), ratio = zoom / this.zoom;
    this.x = cx - (cx - this.x) * ratio;
    this.y = cy - (cy - this.y) * ratio;
    this.zoom = zoom;
    this.mode = null;
    this.place(animated);
  }

  move(dx, dy) { this.x += dx; this.y += dy; this.mode = null; this.place(false); }

  flip(step) {
    const page = this.page + step;
    if (page < 0 || page >= this.data.pages.length) return;
    this.page = page;
    this.show(true);
  }

  rotate() { this.turn = (this.turn + 90) % 360; this.fit('page'); }

  listen() {
    const actions = {
      zoom_out: () => this.scale(0.8, undefined, undefined, true), zoom_in: () => this.scale(1.25, undefined, undefined, true),
      fit_page: () => this.fit('page'), fit_width: () => this.fit('width'), turn: () => this.rotate(),
      previous_page: () => this.flip(-1), next_page: () => this.flip(1),
    };
    this.on(this.host.querySelector('.tools'), 'click', event => {
      const name = event.target.closest('[data-do]')?.dataset.do;
      if (this.data?.pages.length && actions[name]) actions[name]();
    });
    this.on(this.host.querySelector('.show-boxes'), 'change', event => this.host.classList.toggle('no-boxes', !event.target.checked));
    this.on(this.stage, 'wheel', event => {
      if (!this.data?.pages.length) return;
      event.preventDefault();
      const frame = this.stage.getBoundingClientRect();
      this.scale(Math.exp(-event.deltaY * 0.0016), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });
    this.on(this.image, 'load', () => {
      const page = this.data?.pages[this.page];
      if (!page || page.width) return;
      Object.assign(page, { width: this.image.naturalWidth, height: this.image.naturalHeight });
      this.show(true);
    });
    this.on(this.image, 'error', () => this.nothing());
    this.on(this.stage, 'dblclick', () => this.fit('page'));
    this.drag();
    this.on(this.stage, 'keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.data?.pages.length) return;
      const keys = {
        '+': actions.zoom_in, '=': actions.zoom_in, '-': actions.zoom_out, 0: actions.fit_page, w: actions.fit_width, r: actions.turn,
        ArrowLeft: () => this.move(40, 0), ArrowRight: () => this.move(-40, 0), ArrowUp: () => this.move(0, 40), ArrowDown: () => this.move(0, -40),
        PageUp: actions.previous_page, PageDown: actions.next_page,
      };
      if (!keys[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    });
  }

  drag() {
    let grip = null;
    this.on(this.stage, 'pointerdown', event => {
      if (event.button || !this.data?.pages.length) return;
      grip = { x: event.clientX, y: event.clientY, left: this.x, top: this.y, moved: false, path: event.target.closest('.box')?.dataset.path };
      this.stage.setPointerCapture(event.pointerId);
    });
    this.on(this.stage, 'pointermove', event => {
      if (!grip) return;
      const dx = event.clientX - grip.x, dy = event.clientY - grip.y;
      if (Math.abs(dx) + Math.abs(dy) > 4) grip.moved = true;
      if (!grip.moved) return;
      this.stage.classList.add('dragging');
      Object.assign(this, { x: grip.left + dx, y: grip.top + dy, mode: null });
      this.place(false);
    });
    const drop = event => {
      this.stage.classList.remove('dragging');
      if (event.type === 'pointerup' && grip && !grip.moved && grip.path) { this.mark(grip.path); this.pick(grip.path); }
      grip = null;
    };
    this.on(this.stage, 'pointerup', drop);
    this.on(this.stage, 'pointercancel', drop);
  }
}
