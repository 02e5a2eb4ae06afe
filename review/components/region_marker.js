// A box that a person draws on the page, by mouse or by keys, to have what stands in it read into a cell.

const STEP = 0.004, GROWN = 0.35, LEAST = 0.004;

class RegionMarker {
  constructor(viewer) {
    Object.assign(this, { viewer, box: null, page: null, armed: false, start: null });
    this.node = element('div', 'region');
    this.status = viewer.host.querySelector('.region-status');
    this.button = viewer.host.querySelector('[data-do=mark]');
    this.read = null;  // set by who can read
    this.drop = null;
    this.forget = null;
  }

  update(isNew) {
    this.button.hidden = !this.read || !this.viewer.data.reading;
    if (isNew) { this.clear(); this.tell(''); this.forget?.(); }
  }

  get isAble() { return Boolean(this.read && this.viewer.data?.reading); }

  arm(armed = !this.armed) {
    this.armed = armed;
    this.button.setAttribute('aria-pressed', String(armed));
    this.viewer.stage.classList.toggle('marking', armed);
  }

  begins(event) {
    if (!this.isAble || !(event.shiftKey || this.armed)) return false;
    this.start = this.viewer.onPage(event);
    return true;
  }

  stretch(event) {
    const [x, y] = this.viewer.onPage(event), [u, v] = this.start;
    this.show([Math.min(x, u), Math.min(y, v), Math.max(x, u), Math.max(y, v)]);
  }

  end(moved) {
    this.arm(false);
    if (!moved || !this.box || this.box[2] - this.box[0] < LEAST || this.box[3] - this.box[1] < LEAST) { this.clear(); return; }
    this.read(this.viewer.data.pages[this.viewer.page].number, this.box);
  }

  // By keys: the box of the cell, a little larger; arrows move it, with Shift they stretch it, Enter reads it.
  propose(box) {
    const grow = (box[3] - box[1]) * GROWN;
    this.show([Math.max(0, box[0] - grow), Math.max(0, box[1] - grow), Math.min(1, box[2] + grow), Math.min(1, box[3] + grow)]);
    this.viewer.bring(this.box);
    this.viewer.stage.focus({ preventScroll: true });
  }

  keys(event) {
    if (!this.box) return {};
    const move = (dx, dy) => () => this.nudge(dx * STEP, dy * STEP, event.shiftKey);
    return {
      ArrowLeft: move(-1, 0), ArrowRight: move(1, 0), ArrowUp: move(0, -1), ArrowDown: move(0, 1),
      Enter: () => this.read(this.viewer.data.pages[this.viewer.page].number, this.box),
      Escape: () => { this.clear(); this.tell(''); this.drop?.(); },
    };
  }

  nudge(dx, dy, stretches) {
    const [left, top, right, bottom] = this.box, fits = value => Math.max(0, Math.min(1, value));
    this.show([stretches ? left : fits(left + dx), stretches ? top : fits(top + dy), Math.max(left + LEAST, fits(right + dx)), Math.max(top + LEAST, fits(bottom + dy))]);
  }

  show(box) {
    this.box = box;
    this.page = this.viewer.data.pages[this.viewer.page].number;
    this.draw();
  }

  draw() {
    const { viewer } = this, isHere = this.box && viewer.data.pages[viewer.page]?.number === this.page;
    if (!isHere) { this.node.remove(); return; }
    const [left, top, right, bottom] = this.box;
    this.node.style.cssText = `left:${left * 100}%;top:${top * 100}%;width:${(right - left) * 100}%;height:${(bottom - top) * 100}%`;
    if (this.node.parentNode !== viewer.layer) viewer.layer.append(this.node);
  }

  clear() {
    this.box = null;
    this.node.remove();
  }

  tell(text, level = '') {
    this.status.textContent = text;
    this.status.className = `region-status ${level}`;
    this.status.hidden = !text;
  }
}
