/** The icon of the page: three links of a chain. */
export const ICON: string =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0f766e" ' +
  'stroke-width="3"><rect x="2" y="11" width="12" height="10" rx="5"/>' +
  '<rect x="18" y="11" width="12" height="10" rx="5"/><path d="M10 16h12"/></svg>';
