// The document viewer alone, without cells beside it.

const VIEWERS = new WeakMap();

export default function ({ data, parentElement: root }) {
  let held = VIEWERS.get(root);
  if (!held) {
    const abort = new AbortController();
    held = { abort, viewer: new Viewer(root.querySelector('.viewer'), abort.signal, () => {}) };
    VIEWERS.set(root, held);
  }
  held.viewer.update(data);
  return () => { held.abort.abort(); VIEWERS.delete(root); };
}
