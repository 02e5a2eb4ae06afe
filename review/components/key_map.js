// Which key means what. The defaults come from the server (`review/keys.py`), a person's own keys replace them.

const PURE_MODIFIERS = ['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'CapsLock'];
const FIXED_KEYS = ['Tab', 'Shift+Tab', 'Escape', 'Backspace', 'Delete', 'Space', 'Home', 'End', 'ArrowLeft', 'ArrowRight'];
// What browsers or writing need; some of it never reaches a page.
const TAKEN_KEYS = [...'ACVXWTNRPFSLJHDUQ'].map(letter => `Ctrl+${letter}`).concat([...'TNWIJCRVDBOP'].map(letter => `Ctrl+Shift+${letter}`),
  ['F5', 'F11', 'F12', 'Ctrl+F5', 'Alt+F4', 'Alt+ArrowLeft', 'Alt+ArrowRight', 'Alt+Home', 'Ctrl+Tab', 'Ctrl+Shift+Tab', 'Ctrl++', 'Ctrl+-', 'Ctrl+0', 'Ctrl+PageUp', 'Ctrl+PageDown', 'Alt+Tab', 'Alt+Space']);
const KEY_SIGNS = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', PageUp: 'Page Up', PageDown: 'Page Down', '-': '−' };

class KeyMap {
  constructor() { Object.assign(this, { groups: [], actions: new Map(), own: {} }); }

  update(groups, own) {
    this.groups = groups;
    this.own = { ...own };
    this.actions = new Map(groups.flatMap(group => group.keys).map(key => [key.action, key]));
  }

  // A key's name: letters and digits by their place on the keyboard, whatever Alt makes of them; signs as they are printed.
  static nameOf(event) {
    if (PURE_MODIFIERS.includes(event.key) || event.key === 'Process' || event.key === 'Dead') return null;
    const control = event.ctrlKey || event.metaKey, placed = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(event.code);
    if (!control && !event.altKey && event.key.length === 1) return event.key === ' ' ? 'Space' : event.key.toUpperCase();
    const name = placed ? placed[1] ?? placed[2] : event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key;
    return [control && 'Ctrl', event.altKey && 'Alt', event.shiftKey && 'Shift', name].filter(Boolean).join('+');
  }

  keysOf(action) { return action in this.own ? [this.own[action]] : this.actions.get(action)?.keys ?? []; }

  actionsOf(name) {
    const family = name.replace(/[1-9]$/, '#');
    return [...this.actions.keys()].filter(action => this.keysOf(action).some(key => key === name || (key.endsWith('#') && key === family)));
  }

  isImage(action) { return this.actions.get(action)?.scope === 'image'; }

  // Whether a key of the picture was given away: it does nothing any more.
  isFormer(name) { return [...this.actions.values()].some(key => key.scope === 'image' && key.keys.includes(name)) && !this.actionsOf(name).length; }

  static show(key) { return key.replace(/[^+]+$|(?<=\+)\+$/, last => KEY_SIGNS[last] ?? last); }

  label(action, digit) {
    const [key] = this.keysOf(action);
    if (!key) return '';
    return key.endsWith('#') ? (digit ? KeyMap.show(key.replace('#', digit)) : `${KeyMap.show(key.replace('#', '1'))}…9`) : KeyMap.show(key);
  }

  labels(action) { return this.keysOf(action).map(key => (key.endsWith('#') ? this.label(action) : KeyMap.show(key))); }

  // Why an action cannot have this key: a code of `ui.keys.refused_<code>`, with the action that has it.
  problem(action, key) {
    const isFamily = this.actions.get(action).keys[0].endsWith('#'), isPlain = !/^(Ctrl|Alt)\+/.test(key) && (key.length === 1 || key.startsWith('Shift+'));
    if (FIXED_KEYS.includes(key)) return { code: 'fixed' };
    if (TAKEN_KEYS.includes(key)) return { code: 'browser' };
    if (isFamily && !/^(Ctrl|Alt).*\+#$/.test(key)) return { code: 'digits' };
    if (isPlain && !this.isImage(action) && !(action === 'help' && /^[^A-Z0-9]$/.test(key)) && key !== 'Shift+Enter') return { code: 'plain' };
    const other = [...this.actions.keys()].find(each => each !== action && this.keysOf(each).some(one => one === key
      || (one.endsWith('#') && one === key.replace(/[1-9]$/, '#')) || (key.endsWith('#') && key === one.replace(/[1-9]$/, '#'))));
    return other ? { code: 'used', other } : null;
  }

  // Give an action a key; null gives the default back, where nothing else has it meanwhile.
  assign(action, key) {
    if (key === null || (this.actions.get(action).keys.length === 1 && this.actions.get(action).keys[0] === key)) delete this.own[action]; else this.own[action] = key;
  }
}
