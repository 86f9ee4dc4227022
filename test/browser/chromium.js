/** Debian's browser, driven as it is; the tests download none. */
export const CHROMIUM = '/usr/bin/chromium';

/** Without a window, without a sandbox (CI is root in a container), and silent on the network. */
export const CHROMIUM_ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
