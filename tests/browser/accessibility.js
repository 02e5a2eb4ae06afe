// What a screen reader or a weak eye would miss on the page, shadow roots included: controls without a name, unknown
// roles, texts below the contrast of WCAG AA. Returns sentences; an empty list is what is wanted.
() => {
  const ROLES = ['alert', 'button', 'checkbox', 'combobox', 'dialog', 'grid', 'gridcell', 'group', 'heading', 'img', 'link', 'list', 'listbox', 'listitem', 'menu',
    'menuitem', 'navigation', 'note', 'option', 'presentation', 'none', 'progressbar', 'radio', 'radiogroup', 'region', 'row', 'search', 'separator', 'slider', 'spinbutton',
    'status', 'switch', 'tab', 'tablist', 'tabpanel', 'textbox', 'toolbar', 'tooltip', 'application', 'main', 'banner', 'columnheader', 'table'];
  const found = [], all = [];
  const walk = root => { for (const node of root.querySelectorAll('*')) { all.push(node); if (node.shadowRoot) walk(node.shadowRoot); } };
  walk(document);
  const parent = node => node.assignedSlot ?? node.parentElement ?? (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
  const open = all.find(node => node.matches?.('dialog[open]'));
  const within = node => { for (let at = node; at; at = parent(at)) if (at === open) return true; return false; };
  const visible = node => { const box = node.getBoundingClientRect(); return box.width > 1 && box.height > 1 && node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && (!open || within(node)); };
  const named = node => {
    const root = node.getRootNode(), by = node.getAttribute('aria-labelledby');
    const labels = [...(node.labels ?? [])].map(label => label.textContent).join(' ');
    return (node.getAttribute('aria-label') || (by && by.split(' ').map(id => root.getElementById?.(id)?.textContent).join(' ')) || labels || node.title || node.alt || node.textContent || '').trim();
  };
  const describe = node => `${node.tagName.toLowerCase()}.${[...node.classList].join('.')}${node.dataset?.path ? `[${node.dataset.path}]` : ''}`;
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const over = (top, under) => [0, 1, 2].map(index => top[index] * top[3] + under[index] * (1 - top[3])).concat(1);
  const back = node => { const layers = []; for (let at = node; at; at = parent(at)) { const one = colour(getComputedStyle(at).backgroundColor); if (one[3] > 0) layers.push(one); if (one[3] === 1) break; } return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255).map(one => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)).reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0);
  for (const node of all.filter(visible)) {
    const role = node.getAttribute('role');
    if (role && !ROLES.includes(role)) found.push(`unknown role ${role}: ${describe(node)}`);
    if (node.matches('button, input:not([type=hidden]):not([type=file]), select, textarea, summary, a[href], [role=menuitem], dialog img, .viewer img') && !named(node) && node.getAttribute('alt') !== '') found.push(`no name: ${describe(node)}`);
    if (node.matches('th') && !node.textContent.trim() && !node.querySelector('button')) found.push(`empty heading: ${describe(node)}`);
    const text = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()) || (node.matches('input, select, textarea') && node.value);
    if (!text || node.closest?.('[disabled], [aria-disabled=true], :disabled') || node.matches('option, style, script')) continue;
    const style = getComputedStyle(node);
    if (style.fontFamily.includes('Material')) continue;  // a sign, drawn by a font
    const ground = back(node), ink = over(colour(style.color), ground);
    const [high, low] = [light(ink), light(ground)].sort((one, other) => other - one), ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    let faint = 1;
    for (let at = node; at; at = parent(at)) faint *= Number(getComputedStyle(at).opacity);
    if (faint < 1) continue;  // shown in full once the row has the pointer or the focus
    if (ratio < (large ? 3 : 4.5) - 0.005) found.push(`contrast ${ratio.toFixed(2)} of “${(node.value || node.textContent).trim().slice(0, 20)}”: ${describe(node)}`);
  }
  return [...new Set(found)];
}
