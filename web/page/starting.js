// Says why nothing starts, when shell.js or what it imports does not come: a plain script, which needs no module, no type and
// no origin of its own.
(() => {
  'use strict';
  const PATIENCE = 4000; // ms
  let told = false;
  let policy = '';

  function tell(message, detail) {
    if (told || window.playground) return;
    told = true;
    document.getElementById('loading').hidden = true;
    document.getElementById('failure').hidden = false;
    document.getElementById('failure-text').textContent = message;
    document.getElementById('failure-detail').textContent = detail;
    document.getElementById('failure-retry').onclick = () => location.reload();
  }

  // The first of the page's scripts that does not come as one, or ''.
  async function missing() {
    const scripts = performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\.js$/.test(new URL(name).pathname));
    for (const url of new Set([new URL('shell.js', document.baseURI).href, ...scripts])) {
      const name = url.replace(/.*\//, '');
      try {
        const { ok, status, headers } = await fetch(url, { method: 'HEAD' });
        if (!ok) return `${name}: HTTP ${status}`;
        const type = headers.get('Content-Type') ?? 'no type';
        if (!/javascript|ecmascript/.test(type)) return `${name} is sent as ${type}; a module has to be text/javascript`;
      } catch (error) {
        return `${name}: ${error.message}`;
      }
    }
    return '';
  }

  async function explain() {
    if (told || window.playground) return;
    if (location.protocol === 'file:') {
      tell('This page was opened as a file. Browsers load its program from a server only.',
           'In the folder of the page: npx serve, or python3 -m http.server. In the project: script/server.');
    } else if (policy) {
      tell('The content security policy of this page forbids its program.', policy);
    } else if (window.origin === 'null') {
      tell('This frame is sandboxed without an origin, and its server does not let such frames load the program.',
           'Add allow-same-origin to the sandbox attribute, or send Access-Control-Allow-Origin: * with the files.');
    } else {
      const reason = await missing();
      if (reason) tell('The program could not be loaded: a file of it is missing, or is not sent as a script.', reason);
      else document.getElementById('loading-text').textContent = 'Still loading: the connection is slow';
    }
  }

  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    policy = `${effectiveDirective} blocks ${blockedURI}`;
  });
  // Those of elements do not bubble.
  addEventListener('error', ({ target }) => {
    if (target instanceof HTMLScriptElement) explain();
  }, true);
  setTimeout(explain, PATIENCE);
})();
