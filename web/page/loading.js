// What has to be there before anything runs: checks of the browser, and the two WebAssembly modules.

export class Failure extends Error {
  // `message` is for a person; `detail` for a bug report.
  constructor(message, detail = '') {
    super(message);
    this.detail = detail;
  }
}

// The smallest module with a SIMD instruction: (func (result v128) i32.const 0, i8x16.splat, i8x16.popcnt).
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

export function checkBrowser() {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.instantiate !== 'function') {
    throw new Failure('This browser has no WebAssembly, or it is switched off. A current Firefox, Chrome, Edge or Safari has it.');
  }
  if (typeof Worker !== 'function') {
    throw new Failure('This browser has no Web Workers; training runs in one.');
  }
  if (!document.createElement('canvas').getContext('webgl2')) {
    throw new Failure('This browser has no WebGL 2 here. It may be switched off, or the graphics driver may be blocked; hardware acceleration in the browser’s settings usually brings it back.');
  }
}

export function trainerName() {
  const scalar = new URLSearchParams(location.search).get('simd') === '0';
  return !scalar && WebAssembly.validate(SIMD_PROBE) ? 'trainer' : 'trainer-scalar';
}

// Compiles while it loads; `progress(bytes)` is called with what has arrived so far.
export async function loadWasm(url, progress) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Failure('The program could not be loaded: the connection failed.', `${url}: ${error}`);
  }
  if (!response.ok) {
    throw new Failure('The program could not be loaded: a file is missing on the server.', `${url}: HTTP ${response.status}`);
  }
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        progress(loaded);
        controller.enqueue(chunk);
      },
    }),
  );
  const typed = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
  try {
    return await WebAssembly.compileStreaming(typed);
  } catch (error) {
    const forbidden = /content security policy|unsafe-eval/i.test(String(error));
    throw new Failure(forbidden
      ? 'The content security policy of this page forbids WebAssembly: script-src needs ‘wasm-unsafe-eval’.'
      : 'The program arrived damaged or this browser cannot run it.', `${url}: ${error}`);
  }
}
