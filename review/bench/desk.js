// How long the review screen takes: from a key press, as the browser got it, until what it asked for is painted.
(() => {
  const host = () => [...document.querySelectorAll('*')].find(node => node.shadowRoot?.querySelector('.desk'));
  const bench = { root: null };
  const at = () => bench.root.activeElement?.dataset?.path ?? '';
  const find = selector => bench.root.querySelector(selector);
  const picture = () => find('.viewer .sheet img');
  const stands = () => !find('.viewer .sheet').getAnimations().length;
  const conditions = {
    // the cell has the focus, its box is marked, and the picture stands still
    focus: ({ path }) => at() === path && stands() && find('.viewer .box.on')?.dataset.path === path,
    // the server has it, the screen shows what it answered
    edit: ({ path }) => find('.saved:not(.busy)') && !find('.pending') && at() !== path,
    // another document with its picture
    next: ({ record }) => find('.desk').dataset.record !== record && picture().complete && picture().naturalWidth > 0 && stands(),
  };
  bench.ready = () => { bench.root = host()?.shadowRoot; return Boolean(bench.root && find('.name')?.textContent && picture()?.complete); };
  bench.record = () => find('.desk').dataset.record;
  bench.at = at;
  bench.path = () => at();
  bench.cells = () => [...bench.root.querySelectorAll('.items .entry')].map(cell => cell.dataset.path);
  bench.focus = path => bench.root.querySelector(`.entry[data-path='${path}']`).focus({ preventScroll: true });
  // The next key press is timed.
  bench.arm = (kind, wanted) => {
    bench.result = null;
    addEventListener('keydown', event => {
      const began = event.timeStamp, holds = conditions[kind];
      const look = () => {
        if (!holds(wanted)) { requestAnimationFrame(look); return; }
        requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { bench.result = performance.now() - began; }; port2.postMessage(0); });
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  };
  window.claimsheetBench = bench;
})();
