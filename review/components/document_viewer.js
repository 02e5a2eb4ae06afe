// The page image with the boxes of its cells: pan, zoom to the pointer, fit, turn, pages. A small picture is there at
// once, the whole one when somebody looks closer. Texts reach the DOM by textContent only.

const LEVEL_MARKS = { error: '✕', warning: '▲', info: 'i', edited: '✎' };
const KEPT_AHEAD = 8;

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

class Viewer {
  constructor(host, signal, pick) {
    Object.assign(this, { host, pick, page: 0, zoom: 1, x: 0, y: 0, turn: 0, mode: 'page', focused: null, data: null, ahead: new Map() });
    this.stage = host.querySelector('.stage');
    this.sheet = host.querySelector('.sheet');
    this.image = host.querySelector('.sheet img');
    this.layer = host.querySelector('.boxes');
    this.on = (target, event, handler, options = {}) => target.addEventListener(event, handler, { signal, ...options });
    this.region = new RegionMarker(this);
    this.listen();
    this.sizes = new ResizeObserver(() => { if (this.mode) this.fit(this.mode, false); else if (this.brought) this.reveal(this.focused); });
    this.sizes.observe(this.stage);
    signal.addEventListener('abort', () => { this.sizes.disconnect(); clearTimeout(this.closer); });
  }

  update(data) {
    const isNew = !this.data || this.data.document !== data.document;
    for (const page of isNew ? [] : data.pages) {  // a size found from the picture itself is found once
      const known = this.data.pages.find(each => each.number === page.number);
      if (!page.width && known?.width) Object.assign(page, { width: known.width, height: known.height });
    }
    const drawn = isNew ? null : this.drawn;
    this.drawn = JSON.stringify(data.boxes);
    this.data = data;
    for (const button of this.host.querySelectorAll('[data-do]')) {
      const text = data.labels[button.dataset.do] ?? '';
      button.title = text;
      if (button.dataset.words) button.textContent = text; else button.setAttribute('aria-label', text);
    }
    this.host.querySelector('.boxes-label').textContent = data.labels.boxes;
    this.stage.setAttribute('aria-label', data.labels.stage);
    if (isNew) Object.assign(this, { page: 0, turn: 0, focused: null, mode: 'page', later: null });
    if (this.page >= data.pages.length) this.page = 0;
    this.region.update(isNew);
    this.show(isNew, drawn !== this.drawn);
    if (this.image.complete) this.fetchAhead();
  }

  show(refit, redraw = true) {
    const page = this.data.pages[this.page], many = this.data.pages.length > 1;
    this.host.querySelector('.pages').hidden = !many;
    this.host.querySelector('.page-number').textContent = `${this.page + 1} / ${this.data.pages.length}`;
    if (!page) { this.shown = null; this.image.removeAttribute('src'); this.layer.replaceChildren(); this.nothing(); return; }
    this.host.classList.remove('empty');
    this.load(page);
    this.image.alt = this.data.labels.image;
    if (redraw) this.draw();
    if (!page.width) return;  // its load event goes on from here
    if (refit) this.fit(this.mode || 'page', false); else this.place(false);
  }

  // An address is signed anew from time to time: what tells pictures apart is their key.
  load(page) {
    const key = page.key ?? page.source;
    if (this.shown === key) return;
    this.shown = key;
    this.whole?.remove();
    this.whole = null;
    this.image.src = this.ahead.get(key)?.src ?? page.source;
  }

  // The whole picture lies over the small one as soon as it is decoded; until then nothing flickers.
  sharpen() {
    const page = this.data.pages[this.page], key = this.shown, known = this.image.naturalWidth;
    clearTimeout(this.closer);
    if (!page?.whole || this.whole || !known || this.zoom * devicePixelRatio < 1.1 * known / page.width) return;
    this.closer = setTimeout(() => {
      const whole = new Image();
      Object.assign(whole, { alt: '', draggable: false, src: page.whole });
      this.whole = whole;
      whole.decode().then(() => { if (this.whole === whole && this.shown === key) this.image.after(whole); }, () => { if (this.whole === whole) this.whole = null; });
    }, 120);
  }

  fetchAhead() {
    for (const page of [...(this.data?.pages.slice(this.page + 1, this.page + 2) ?? []), ...(this.data?.ahead ?? [])]) {
      if (!page.key || this.ahead.has(page.key)) continue;
      const image = new Image();
      image.src = page.source;
      image.decode().catch(() => this.ahead.delete(page.key));
      this.ahead.set(page.key, image);
    }
    for (const key of [...this.ahead.keys()].slice(0, -KEPT_AHEAD)) this.ahead.delete(key);
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
    this.region.draw();
    this.mark(this.focused);
  }

  mark(path) {
    this.focused = path;
    for (const node of this.layer.children) node.classList.toggle('on', node.dataset.path === path);
  }

  // Bring the box of a cell into view; another page is turned to where the cell stands.
  reveal(path) {
    const box = this.data?.boxes.find(each => each.path === path) ?? this.beside(path);
    const page = box ? this.data.pages.findIndex(each => each.number === box.page) : -1;
    if (page >= 0 && page !== this.page) { this.page = page; this.show(true); }
    this.mark(path);
    if (page < 0) return;
    if (!this.data.pages[this.page].width) { this.later = path; return; }
    this.bring(box.box);
  }

  // The width of the page where its print is large enough to read, else closer: never under the whole page, never over
  // twice the width.
  bring([x0, y0, x1, y1]) {
    const { width, height } = this.data.pages[this.page], [W, H] = [this.stage.clientWidth, this.stage.clientHeight];
    if (!W || !H) return;
    const corners = [this.turned(x0 * width, y0 * height), this.turned(x1 * width, y1 * height)];
    const [left, right] = [Math.min(corners[0][0], corners[1][0]), Math.max(corners[0][0], corners[1][0])];
    const [top, bottom] = [Math.min(corners[0][1], corners[1][1]), Math.max(corners[0][1], corners[1][1])];
    const [w, h] = this.extent();
    const whole = Math.min(W / w, H / h), across = (W - 12) / w, readable = 20 / Math.max(bottom - top, 8);
    this.zoom = Math.max(whole * 0.98, Math.min(Math.max(across, readable), 2.1 * across, 0.9 * W / (right - left)));
    const clamp = (value, low, high) => (low > high ? (low + high) / 2 : Math.max(low, Math.min(high, value)));
    this.x = clamp(W / 2 - ((left + right) / 2) * this.zoom, W - w * this.zoom - 8, 8);
    this.y = clamp(H / 2 - ((top + bottom) / 2) * this.zoom, H - h * this.zoom - 8, 8);
    Object.assign(this, { mode: null, brought: true });
    this.place(true);
  }

  // A blank cell has no box: its row shows where it would be.
  beside(path) {
    const row = path?.split('.').slice(0, 2).join('.');
    return path?.includes('.') ? this.data?.boxes.find(each => each.path.startsWith(`${row}.`)) : undefined;
  }

  // Where a cell stands, or would: a blank one has the height of its row and the width of its column.
  whereabouts(path) {
    const boxes = this.data?.boxes ?? [], own = boxes.find(each => each.path === path);
    if (own) { this.turnTo(own.page); return own.box; }
    const [line, row, column] = path.split('.'), beside = this.beside(path);
    const above = column && beside && boxes.filter(each => each.page === beside.page && each.path.startsWith(`${line}.`) && each.path.endsWith(`.${column}`));
    if (!above?.length) return null;
    const same = boxes.filter(each => each.page === beside.page && each.path.startsWith(`${line}.${row}.`));
    this.turnTo(beside.page);
    return [Math.min(...above.map(each => each.box[0])), Math.min(...same.map(each => each.box[1])), Math.max(...above.map(each => each.box[2])), Math.max(...same.map(each => each.box[3]))];
  }

  turnTo(number) {
    const page = this.data.pages.findIndex(each => each.number === number);
    if (page >= 0 && page !== this.page) { this.page = page; this.show(true); }
  }

  extent() {
    const { width, height } = this.data.pages[this.page];
    return this.turn % 180 ? [height, width] : [width, height];
  }

  turned(u, v) {
    const { width, height } = this.data.pages[this.page];
    return { 0: [u, v], 90: [height - v, u], 180: [width - u, height - v], 270: [v, width - u] }[this.turn];
  }

  // Where a point of the screen lies on the page, in fractions of it.
  onPage(event) {
    const { width, height } = this.data.pages[this.page], frame = this.stage.getBoundingClientRect();
    const [a, b] = [(event.clientX - frame.left - this.x) / this.zoom, (event.clientY - frame.top - this.y) / this.zoom];
    const [u, v] = { 0: [a, b], 90: [b, height - a], 180: [width - a, height - b], 270: [width - b, a] }[this.turn];
    return [Math.max(0, Math.min(1, u / width)), Math.max(0, Math.min(1, v / height))];
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
    this.sharpen();
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
    Object.assign(this, { zoom, mode: null, brought: false });
    this.place(animated);
  }

  move(dx, dy) { Object.assign(this, { x: this.x + dx, y: this.y + dy, mode: null, brought: false }); this.place(false); }

  flip(step) {
    const page = this.page + step;
    if (page < 0 || page >= this.data.pages.length) return;
    this.page = page;
    this.region.clear();
    this.show(true);
  }

  rotate() { this.turn = (this.turn + 90) % 360; this.fit('page'); }

  contrast() {
    const isStrong = this.host.classList.toggle('strong');
    this.host.querySelector('[data-do=contrast]').setAttribute('aria-pressed', String(isStrong));
  }

  listen() {
    const actions = this.actions = {
      zoom_out: () => this.scale(0.8, undefined, undefined, true), zoom_in: () => this.scale(1.25, undefined, undefined, true),
      fit_page: () => this.fit('page'), fit_width: () => this.fit('width'), turn: () => this.rotate(),
      previous_page: () => this.flip(-1), next_page: () => this.flip(1), contrast: () => this.contrast(), mark: () => this.region.arm(),
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
    this.on(this.image, 'load', () => this.loaded());
    this.on(this.image, 'error', () => this.nothing());
    this.on(this.stage, 'dblclick', () => this.fit('page'));
    this.drag();
    this.on(this.stage, 'keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.data?.pages.length) return;
      const keys = {
        '+': actions.zoom_in, '=': actions.zoom_in, '-': actions.zoom_out, 0: actions.fit_page, w: actions.fit_width, r: actions.turn, c: actions.contrast,
        ArrowLeft: () => this.move(40, 0), ArrowRight: () => this.move(-40, 0), ArrowUp: () => this.move(0, 40), ArrowDown: () => this.move(0, -40),
        PageUp: actions.previous_page, PageDown: actions.next_page, ...this.region.keys(event),
      };
      if (!keys[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    });
  }

  loaded() {
    const page = this.data?.pages[this.page];
    this.fetchAhead();
    if (!page) return;
    if (page.width) { this.sharpen(); return; }
    Object.assign(page, { width: this.image.naturalWidth, height: this.image.naturalHeight });
    this.show(true);
    if (this.later) { const path = this.later; this.later = null; this.reveal(path); }
  }

  // A drag moves the page; with Shift, or after the tool was taken up, it draws a box to read again.
  drag() {
    let grip = null;
    this.on(this.stage, 'pointerdown', event => {
      if (event.button || !this.data?.pages[this.page]?.width) return;
      const draws = this.region.begins(event);
      grip = { x: event.clientX, y: event.clientY, left: this.x, top: this.y, moved: false, draws, path: event.target.closest('.box')?.dataset.path };
      this.stage.setPointerCapture(event.pointerId);
    });
    this.on(this.stage, 'pointermove', event => {
      if (!grip) return;
      const dx = event.clientX - grip.x, dy = event.clientY - grip.y;
      if (Math.abs(dx) + Math.abs(dy) > 4) grip.moved = true;
      if (!grip.moved) return;
      if (grip.draws) { this.region.stretch(event); return; }
      this.stage.classList.add('dragging');
      Object.assign(this, { x: grip.left + dx, y: grip.top + dy, mode: null, brought: false });
      this.place(false);
    });
    const drop = event => {
      this.stage.classList.remove('dragging');
      if (event.type === 'pointerup' && grip?.draws) this.region.end(grip.moved);
      else if (event.type === 'pointerup' && grip && !grip.moved && grip.path) { this.mark(grip.path); this.pick(grip.path); }
      grip = null;
    };
    this.on(this.stage, 'pointerup', drop);
    this.on(this.stage, 'pointercancel', drop);
  }
}
