/** The shop behind its instrumentation, as `node --import ./instrumentation.js shop.js` starts it. */
import './instrumentation.js';

// What is patched has to be loaded after; a static import would come before.
await import('./shop.js');
